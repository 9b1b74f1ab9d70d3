"""The system calls that Python's library lacks."""

from __future__ import annotations

import ctypes
import functools
import os
from typing import List, Optional

_libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
_CLOSE_RANGE = 436  # the same on every architecture


def check(result: int, what: str) -> int:
    """Turns the C library's -1 into an OSError that names the call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, argument: int = 0, second: int = 0) -> int:
    zero = ctypes.c_ulong(0)
    result = _libc.prctl(option, ctypes.c_ulong(argument), ctypes.c_ulong(second), zero, zero)
    return check(result, f"prctl({option})")


def syscall(number: int, what: str, *arguments: object) -> int:
    return check(_libc.syscall(ctypes.c_long(number), *arguments), what)


def unshare(flags: int) -> None:
    check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: Optional[str], flags: int, data: Optional[str] = None) -> None:
    result = _libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        data.encode() if data else None,
    )
    check(result, f"mount {kind or source} on {target}")


def size(value: int) -> ctypes.c_size_t:
    return ctypes.c_size_t(value)


def umount(target: str, flags: int) -> None:
    check(_libc.umount2(target.encode(), ctypes.c_int(flags)), f"umount {target}")


def children(pid: int) -> List[int]:
    """The direct children of a process, by the cheap way where the kernel offers it."""
    try:
        return [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split()]
    except ProcessLookupError:
        return []
    except FileNotFoundError:
        return [child for child in map(int, filter(str.isdigit, os.listdir("/proc"))) if _parent(child) == pid]


def descendants(pid: int) -> List[int]:
    found: List[int] = []
    waiting = [pid]
    while waiting:
        next_generation = children(waiting.pop())
        found.extend(next_generation)
        waiting.extend(next_generation)
    return found


def start_time(pid: int) -> int:
    """Field 22 of ``stat``: with the process id and the boot it names a process for ever."""
    return int(stat(pid)[19])


@functools.lru_cache(maxsize=None)
def boot_id() -> str:
    return read("/proc/sys/kernel/random/boot_id").decode().strip()


def read(path: str, most: int = 1 << 16) -> bytes:
    """A small file in one go. Right after a fork the layers of ``open`` cost more than what they read."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, min(most, 1 << 16))
        while len(data) >= 1 << 16 and len(data) < most:
            more = os.read(descriptor, most - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(descriptor)


def _parent(pid: int) -> int:
    try:
        return int(stat(pid)[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def stat(pid: int) -> List[bytes]:
    """The fields from the third on; the second, a name, may hold anything."""
    return read(f"/proc/{pid}/stat").rpartition(b")")[2].split()


def close_all_but(*keep: int) -> None:
    """Closes every descriptor above 2 that is not named."""
    low = 3
    for descriptor in sorted(fd for fd in keep if fd >= 3):
        if low < descriptor:
            os.closerange(low, descriptor)
        low = descriptor + 1
    if _libc.syscall(ctypes.c_long(_CLOSE_RANGE), ctypes.c_uint(low), ctypes.c_uint(0xFFFFFFFF), ctypes.c_int(0)) != 0:
        # A kernel before 5.9: what is open has to be looked up.
        listed = os.listdir("/proc/self/fd")
        os.closerange(low, max((int(name) for name in listed), default=low) + 1)
