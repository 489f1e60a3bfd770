"""What a server of many threads does not keep of the memory that it has freed."""

from __future__ import annotations

from contextlib import suppress
from ctypes import CDLL

# Parameters of mallopt, as in glibc's malloc.h, and their values.
FEW_ARENAS = (-8, 2)  # M_ARENA_MAX. By default every thread gets a heap of its own, which no other may use
RETURNED = (-3, 8 * 2**20)  # M_MMAP_THRESHOLD: a piece of so many bytes goes back to the system when it is freed


def keep_little() -> None:
    """For glibc alone: other C libraries and systems have no such setting. To be called before threads start."""
    with suppress(OSError, AttributeError, TypeError):  # Windows takes no None for a library's name
        mallopt = CDLL(None).mallopt
        mallopt(*FEW_ARENAS)
        mallopt(*RETURNED)
