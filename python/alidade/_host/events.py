"""The events of an attempt: numbered, stamped, appended to bounded files."""

from __future__ import annotations

import errno
import json
import os
import time
from json.encoder import encode_basestring
from typing import Any, Callable, Dict, List, Optional

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CHECK_EVERY = 4 * 1024 * 1024
_CHECK_SECONDS = 1.0


def now() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


class EventWriter:
    """Gives each event its number and time and writes it; a full disk delays, it never loses.

    ``directory`` is a descriptor, so that the writer works wherever the process may have moved.
    """

    def __init__(
        self,
        directory: int,
        file_limit: int,
        reserve: int = 0,
        clock: Callable[[], int] = now,
        free: Optional[Callable[[], int]] = None,
    ) -> None:
        self.last = 0
        self._directory = directory
        self._limit = file_limit
        self._reserve = reserve
        self._clock = clock
        self._free = free or self._free_bytes
        self._time = 0
        self._lines: List[str] = []
        self._unwritten: List[bytes] = []
        self._file = -1
        self._number = 0
        self._size = 0
        self._at_line_start = True
        self._is_full = False
        self._since_check = _CHECK_EVERY
        self._next_check = 0.0
        self._go_on()

    def log(self, stream: str, level: str, text: str, step: Optional[str] = None, logger: Optional[str] = None) -> None:
        """A line of the log. The commonest event by far, so it is put together by hand."""
        tail = f',"step":{encode_basestring(step)}' if step else ""
        if logger:
            tail += f',"logger":{encode_basestring(logger)}'
        self._append(f'"k":"log","s":"{stream}","l":"{level}","m":{encode_basestring(text)}{tail}}}\n')

    def add(self, kind: str, members: Dict[str, Any]) -> None:
        body = json.dumps({"k": kind, **members}, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self._append(body[1:] + "\n")

    def flush(self) -> bool:
        """Writes what waits; false when the disk is full, and then it is kept for the next call."""
        if self._lines:
            data = "".join(self._lines)
            self._lines.clear()
            self._unwritten.append(data.encode("utf-8", "replace"))
        try:
            while self._unwritten:
                self._unwritten[0] = self._write(self._unwritten[0])
                if not self._unwritten[0]:
                    del self._unwritten[0]
        except OSError as error:
            if error.errno not in _FULL:
                raise
            return False
        return True

    def has_room(self) -> bool:
        """Whether more may be read from the job: nothing waits and the disk keeps its reserve."""
        if self._unwritten and not self.flush():
            return False
        moment = time.monotonic()
        if self._since_check >= _CHECK_EVERY or moment >= self._next_check:
            self._is_full = self._free() < self._reserve
            self._since_check, self._next_check = 0, moment + _CHECK_SECONDS
        return not self._is_full

    def sync(self) -> None:
        if self._file >= 0:
            os.fdatasync(self._file)

    def close(self) -> None:
        """Lets go of the files; nothing may wait to be written any more."""
        for descriptor in (self._file, self._directory):
            if descriptor >= 0:
                os.close(descriptor)

    def _go_on(self) -> None:
        """Takes up the numbering after what the agent wrote while it prepared the attempt."""
        names = os.listdir(self._directory)
        if not names:
            return
        newest = max(names)
        file = os.open(newest, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._directory)
        with os.fdopen(file, "rb") as reader:
            lines = reader.read().splitlines()
        if not lines:
            raise ValueError(f"events/{newest} holds no event to go on from")
        last = json.loads(lines[-1])
        self.last, self._time, self._number = last["n"], last["t"], int(newest.partition(".")[0])

    def _append(self, rest: str) -> None:
        self.last += 1
        self._time = max(self._time, self._clock())
        self._lines.append(f'{{"n":{self.last},"t":{self._time},{rest}')

    def _write(self, data: bytes) -> bytes:
        """Writes to the current file as many whole lines as fit, and returns the rest."""
        end = self._fitting(data)
        if end == 0:
            self._open_next()
            end = self._fitting(data)
        written = os.write(self._file, data[:end])
        self._size += written
        self._since_check += written
        self._at_line_start = data[written - 1 : written] == b"\n"
        return data[written:]

    def _fitting(self, data: bytes) -> int:
        """How much goes into the current file; 0 asks for a new one. A file holds at least one line."""
        if self._file < 0:
            return 0
        room = self._limit - self._size
        if len(data) <= room:
            return len(data)
        fits = data.rfind(b"\n", 0, max(room, 0)) + 1
        if fits == 0 and (self._size == 0 or not self._at_line_start):
            return data.index(b"\n") + 1
        return fits

    def _open_next(self) -> None:
        name = f"{self._number + 1:06d}.ndjson"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        file = os.open(name, flags, 0o644, dir_fd=self._directory)
        if self._file >= 0:
            os.fdatasync(self._file)
            os.close(self._file)
        self._file, self._number, self._size, self._at_line_start = file, self._number + 1, 0, True

    def _free_bytes(self) -> int:
        disk = os.fstatvfs(self._directory)
        return disk.f_bavail * disk.f_frsize
