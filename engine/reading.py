"""Files that others wrote, opened for reading: regular ones alone, and none larger than it can be.

A pipe may never end and a device never does; so the kind is looked at before anything is read.
"""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

MEGABYTE = 10**6
KINDS = {
    stat.S_IFDIR: "is a directory",
    stat.S_IFIFO: "is a pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


def open_regular(path: Path, most: int) -> BufferedReader:
    """Return the file at ``path``, opened for reading; raise OSError if it is none, or of more than ``most`` bytes.

    The error's ``strerror`` says what is there instead, or how large it is and how large it may be.
    """
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, KINDS[stat.S_IFMT(found.st_mode)], str(path))
    if found.st_size > most:
        size, limit = found.st_size / MEGABYTE, most / MEGABYTE
        raise OSError(errno.EFBIG, f"has {size:,.1f} MB, and may have {limit:,.1f} MB at most", str(path))
    # What took its place since then cannot make this wait.
    return open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def read_regular(path: Path, most: int) -> bytes:
    """Return the content of the file at ``path``; errors as in open_regular."""
    with open_regular(path, most) as file:
        return file.read(most)
