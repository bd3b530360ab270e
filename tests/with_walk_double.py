"""``python -m calibrate`` with the walk double for the compiled walk, for tests that kill.

DOUBLE_SECONDS is what a draw takes, DOUBLE_TURN what a turn.
"""

import os
import sys

import pytest
from support.walk_double import WalkDouble, doubled

import calibrate.cli
import calibrate.session.threads

if __name__ == "__main__":
    WalkDouble.seconds = float(os.environ.get("DOUBLE_SECONDS", "0"))
    with doubled(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate.session.threads, "TURN_SECONDS", float(os.environ.get("DOUBLE_TURN", "4")))
        sys.exit(calibrate.cli.main())
