"""What a process does to its memory before it is forked."""

from __future__ import annotations

import ctypes
import mmap
import subprocess
import sys
from pathlib import Path

from tracker import forks


def library_kilobytes() -> int:
    """Return how much of the libraries that nobody may write to is in memory for this process."""
    total, is_library = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            is_library = "w" not in words[1] and ".so" in words[-1]
        elif words[0] == "Rss:" and is_library:
            total += int(words[1])
    return total


def test_forks_take_their_memory_from_the_end_of_the_heap():
    libc = ctypes.CDLL(None)
    assert hasattr(libc, "malloc_trim"), "another C library is not looked after"
    libc.malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    libc.malloc.argtypes, libc.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    libc.sbrk.argtypes = [ctypes.c_ssize_t]

    def share_with_gaps() -> str:
        for size in (600, 3000, 20_000):
            for gap in [libc.malloc(size) for _each in range(200)][::2]:
                libc.free(gap)
        forks.give_memory_back()
        end = libc.sbrk(0) - 2 * mmap.PAGESIZE
        forks.share_memory()
        taken = [libc.malloc(size) for size in (600, 3000, 20_000) for _each in range(50)]
        return str(sum(each < end for each in taken))

    # Python itself may have let go of some more meanwhile.
    assert int(forks.run_apart("sharing", share_with_gaps)) < 10


def test_libraries_come_back_where_they_are_used():
    # In a new process: a fork has nothing of them until it uses it.
    program = (
        "import hashlib; from tracker import forks;"
        "from tests.jobs.test_shared_memory import library_kilobytes;"
        "before = library_kilobytes(); forks.share_memory();"
        "print(library_kilobytes() < before / 2, hashlib.sha256(b'').hexdigest()[:8])"
    )

    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert said.stdout == "True e3b0c442\n"
