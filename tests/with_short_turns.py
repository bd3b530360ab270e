"""``python -m calibrate`` with short turns, so that a run has many of them, for the tests of a cluster."""

import sys

import pytest

import calibrate.cli
import calibrate.session.dask
import calibrate.store.parts

TURN_SECONDS = 0.05  # with the least block some 500 draws
CONNECT_SECONDS = 3

if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate.store.parts, "PART_SECONDS", TURN_SECONDS)
        patch.setattr(calibrate.session.dask, "CONNECT_SECONDS", CONNECT_SECONDS)
        sys.exit(calibrate.cli.main())
