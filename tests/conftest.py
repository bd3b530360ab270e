import os

import pytest


@pytest.fixture(scope="session")
def seed() -> int:
    """The one seed of all tests; DEFECTION_TEST_SEED moves it."""
    return int(os.environ.get("DEFECTION_TEST_SEED", "20170611"))
