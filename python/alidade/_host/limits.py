"""Limits of the job's process, and the watch over its memory."""

from __future__ import annotations

import os
import resource
from typing import Optional

from . import linux
from .attempt import Limits

_LOOK_EVERY = 0.5
_PAGE = os.sysconf("SC_PAGE_SIZE")


def apply(limits: Limits) -> None:
    """Sets what the kernel checks for each process by itself."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, limits.files)
    _lower(resource.RLIMIT_NPROC, limits.processes)
    if limits.memory is not None:
        _lower(resource.RLIMIT_DATA, limits.memory)


def oom_kills() -> int:
    """How many processes the kernel has ended for want of memory since the machine started."""
    found = linux.read("/proc/vmstat").partition(b"\noom_kill ")[2]
    return int(found.split()[0]) if found else 0  # a kernel without the counter: a kill is then just a kill


class MemoryWatch:
    """Looks at the memory of all processes of a job together, which no resource limit covers."""

    def __init__(self, limit: Optional[int]) -> None:
        self.message = ""
        self._limit = limit
        self._next = 0.0

    def next_look(self, moment: float) -> float:
        return float("inf") if self._limit is None else max(self._next, moment)

    def is_exceeded(self, job: int, moment: float) -> bool:
        if self._limit is None or moment < self._next:
            return False
        self._next = moment + _LOOK_EVERY
        used = sum(map(_own_memory, [job, *linux.descendants(job)]))
        self.message = f"used {used >> 20} MiB of memory; its limit is {self._limit >> 20} MiB"
        return used > self._limit


def _own_memory(pid: int) -> int:
    try:
        _, resident, shared = map(int, linux.read(f"/proc/{pid}/statm").split()[:3])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (resident - shared) * _PAGE


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (limit, limit))
