"""``python -m calibrate`` with the walk double for the compiled walk, for tests that kill.

DOUBLE_SECONDS is what a draw takes, DOUBLE_TURN how old it may grow before it is written.
"""

import os
import sys

import pytest
from support.walk_double import WalkDouble, doubled

import calibrate.cli
import calibrate.store.parts

if __name__ == "__main__":
    WalkDouble.seconds = float(os.environ.get("DOUBLE_SECONDS", "0"))
    with doubled(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate.store.parts, "PART_SECONDS", float(os.environ.get("DOUBLE_TURN", "4")))
        sys.exit(calibrate.cli.main())
