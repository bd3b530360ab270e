"""The two errors that a user can cause; a command prints their lines and ends with their exit code."""


class UsageError(ValueError):
    """A scenario, a parameter or an argument that cannot be used; one line for each thing to mend."""

    exit_code = 2


class DataError(ValueError):
    """Results or data on disk that cannot be read; one line for each thing to mend."""

    exit_code = 3
