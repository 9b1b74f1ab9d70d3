"""Limits of the job's process, and the watch over its memory."""

from __future__ import annotations

import itertools
import os
import resource
from typing import Callable, Iterator, List, Optional

from . import linux
from .attempt import Limits, Silence

_LOOK_EVERY = 0.5
_LOOK_AT_DISK_EVERY = 1.0
_LOOK_AT_AGENT_EVERY = 5.0
_FILES_AT_ONCE = 2000
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

    def is_exceeded(self, moment: float, all_of_job: Callable[[], List[int]]) -> bool:
        if self._limit is None or moment < self._next:
            return False
        self._next = moment + _LOOK_EVERY
        used = sum(map(own_memory, all_of_job()))
        self.message = f"used {used >> 20} MiB of memory; its limit is {self._limit >> 20} MiB"
        return used > self._limit


class SilenceWatch:
    """Whether the server still counts on this attempt, which the agent alone can know, also when the agent is gone.

    The file is held open: it is looked at from inside the sandbox too, where it has no name.
    """

    def __init__(self, silence: Optional[Silence], moment: float) -> None:
        self.message = ""
        self.next_look = float("inf") if silence is None else moment + min(_LOOK_AT_AGENT_EVERY, silence.limit / 2)
        self._limit = silence.limit if silence else 0.0
        self._file = os.open(silence.file, os.O_RDONLY | os.O_CLOEXEC) if silence else -1
        self._since = moment
        self._touched = self._look()

    def is_too_long(self, moment: float) -> bool:
        if moment < self.next_look:
            return False
        touched = self._look()
        if touched != self._touched:
            self._touched, self._since = touched, moment
        self.next_look = moment + min(_LOOK_AT_AGENT_EVERY, self._limit / 2)
        self.message = f"its worker had no word of the server for {moment - self._since:.0f} s: another may have the job"
        return moment - self._since >= self._limit

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)

    def _look(self) -> int:
        return os.fstat(self._file).st_mtime_ns if self._file >= 0 else 0


class DiskWatch:
    """Adds up what a job keeps in its folders, a part at a time so that its output is read meanwhile.

    The longer that takes, the rarer it is done. ``folder`` is a descriptor of the attempt's folder.
    """

    def __init__(self, limit: Optional[int], folder: int, moment: float) -> None:
        self.message = ""
        self.next_look = float("inf") if limit is None else moment + _LOOK_AT_DISK_EVERY
        self._limit = limit or 0
        self._folder = folder
        self._walk: Optional[Iterator[int]] = None
        self._began = moment
        self._used = 0

    def is_exceeded(self, moment: float) -> bool:
        if moment < self.next_look:
            return False
        if self._walk is None:
            self._walk, self._began, self._used = self._sizes(), moment, 0
        part = list(itertools.islice(self._walk, _FILES_AT_ONCE))
        self._used += sum(part)
        if len(part) < _FILES_AT_ONCE:
            self._walk = None
            self.next_look = moment + max(_LOOK_AT_DISK_EVERY, _LOOK_AT_DISK_EVERY * 10 * (moment - self._began))
        self.message = f"keeps {self._used >> 20} MiB in its folders; its limit is {self._limit >> 20} MiB"
        return self._used > self._limit

    def _sizes(self) -> Iterator[int]:
        for top in ("work", "outputs", "tmp"):
            for _, folders, names, parent in os.fwalk(top, dir_fd=self._folder):
                for name in folders:
                    _open_to_us(name, parent)
                    yield _PAGE
                for name in names:
                    try:
                        facts = os.stat(name, dir_fd=parent, follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # it went meanwhile
                    # An empty file takes room too.
                    yield max(facts.st_blocks * 512, _PAGE) // facts.st_nlink


def _open_to_us(name: str, parent: int) -> None:
    """Opens a folder that the job has closed, to us too, before the walk goes down into it."""
    try:
        # Held by a descriptor: the job may put a link to a folder of others in its place meanwhile.
        folder = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY, dir_fd=parent)
    except OSError:
        return  # it went meanwhile, or is a link
    try:
        mode = os.fstat(folder).st_mode
        if mode & 0o500 != 0o500:
            os.chmod(f"/proc/self/fd/{folder}", mode & 0o777 | 0o700)
    except PermissionError:
        pass  # not the job's own after all
    finally:
        os.close(folder)


def own_memory(pid: int) -> int:
    try:
        _, resident, shared = map(int, linux.read(f"/proc/{pid}/statm").split()[:3])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (resident - shared) * _PAGE


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (limit, limit))
