"""How every command ends: with an exit code, and with a line where something is wrong, never with a traceback."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import Any

from engine.errors import DataError, UsageError, on_command_line


class OutputError(Exception):
    """Standard output that takes no more."""


class _Output:
    """Standard output, whose failures are told from those of other files."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _do(self, work: Callable[..., Any], *given: Any) -> Any:
        try:
            return work(*given)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror) from None

    def write(self, text: str) -> Any:
        return self._do(self._stream.write, text)

    def flush(self) -> Any:
        return self._do(self._stream.flush)


class _Notes(_Output):
    """Standard error: where it takes no more, nobody listens, and the work goes on."""

    def _do(self, work: Callable[..., Any], *given: Any) -> Any:
        with suppress(OSError):
            return work(*given)


class _Closed:
    """Standard output that was closed before the command began."""

    def write(self, _: str) -> None:
        raise OSError(errno.EBADF, "it is closed")

    def flush(self) -> None:
        """Nothing was taken, so nothing is left to write."""


def exit_code_of(work: Callable[[], int], interrupted: str) -> int:
    """Return the exit code of a command: that of ``work``, 2 bad usage, 3 results or files, 130 after Ctrl-C.

    ``interrupted`` is the line to print after Ctrl-C.
    """
    with redirect_stdout(_Output(sys.stdout or _Closed())), redirect_stderr(_Notes(sys.stderr or _nowhere())):
        try:
            with on_command_line():
                try:
                    return work()
                finally:  # also after --help, which leaves by SystemExit
                    sys.stdout.flush()
        except BrokenPipeError:  # whoever read our output has gone; what was stored is stored
            _silence()
            return 128 + signal.SIGPIPE
        except OutputError as error:
            _silence()
            print(f"standard output: cannot be written ({error}); what was stored is safe", file=sys.stderr)
            return DataError.exit_code
        except (UsageError, DataError) as error:
            print(error, file=sys.stderr)
            return error.exit_code
        except KeyboardInterrupt:
            print(interrupted, file=sys.stderr)
            return 128 + signal.SIGINT
        finally:
            _settle_notes()


def _silence() -> None:
    """Let what Python still holds for standard output, and would write at its end, go nowhere."""
    with suppress(OSError, AttributeError):  # under a test it may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _settle_notes() -> None:
    """Let what Python still holds for a standard error that takes no more go nowhere; at its end it would exit 120."""
    stream = sys.__stderr__
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except ValueError:
        """Closed before the command began."""


def _nowhere() -> Any:
    return open(os.devnull, "w", encoding="utf-8")
