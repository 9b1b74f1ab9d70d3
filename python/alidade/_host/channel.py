"""The task host's end of the wire to its supervisor."""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import threading
from typing import Any, Callable, Optional

from . import frames


class Channel:
    """Sends records in order, from any thread and from forked children.

    A signal handler must not raise while a record is half sent, or the rest of the stream could not
    be read: it asks ``interrupt`` to do it, which waits for the end of the record.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._interrupt: Optional[Callable[[], None]] = None

    def open(self, connection: socket.socket) -> None:
        """Called in the job's process; nothing can be sent before."""
        self._connection = connection
        self._owner = os.getpid()
        os.register_at_fork(after_in_child=self._after_fork)

    @property
    def is_own(self) -> bool:
        """Whether this is the job's own process, and none that user code has forked."""
        return os.getpid() == self._owner

    def send(self, kind: bytes, payload: bytes) -> None:
        with self._lock:
            self._depth += 1
            try:
                self._connection.sendall(frames.pack(kind, payload))
            finally:
                self._depth -= 1
        if self._interrupt is not None and self._depth == 0:
            self._fire()

    def event(self, kind: str, **members: Any) -> None:
        """Sends an event; a member that is None is as one that is absent."""
        payload = json.dumps({"k": kind, **members}, separators=(",", ":")).encode()
        if len(payload) > frames.MAX_EVENT:
            raise ValueError(f"this {kind} takes {len(payload)} bytes; at most {frames.MAX_EVENT} can be recorded")
        self.send(frames.EVENT, payload)

    def sync(self) -> None:
        """Waits until the supervisor has taken in everything sent so far.

        Called before a process is started, so that the process's output follows ours in the log.
        """
        if not self.is_own or threading.current_thread() is not threading.main_thread():
            return
        with self._lock:
            self._depth += 1
            try:
                self._connection.sendall(frames.pack(frames.SYNC, b""))
                self._connection.recv(1)
            finally:
                self._depth -= 1

    def interrupt(self, action: Callable[[], None]) -> None:
        """Calls ``action`` now, or after the record that is being sent. Main thread only."""
        self._interrupt = action
        if self._depth == 0:
            self._fire()

    def _fire(self) -> None:
        action, self._interrupt = self._interrupt, None
        if action is not None:
            action()

    def _after_fork(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0


class _Output(io.RawIOBase):
    """The raw end of ``sys.stdout`` or ``sys.stderr``."""

    def __init__(self, channel: Channel, kind: bytes, descriptor: int) -> None:
        self._channel = channel
        self._kind = kind
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: Any) -> int:
        view = bytes(data)
        for start in range(0, len(view), frames.MAX_PAYLOAD):
            self._channel.send(self._kind, view[start : start + frames.MAX_PAYLOAD])
        return len(view)


def open_output(channel: Channel, kind: bytes, descriptor: int) -> io.TextIOWrapper:
    """A text stream that sends each line as soon as it is complete, in the order of all other records."""
    buffer = io.BufferedWriter(_Output(channel, kind, descriptor), frames.MAX_PAYLOAD)
    return io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace", newline="\n", line_buffering=True)


def flush_output() -> None:
    """Sends what was printed without a line end."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except Exception:
            pass  # user code has replaced or closed it, and with that has what was in it


_STARTS_PROCESS = frozenset({"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"})


def keep_order_with_processes(channel: Channel) -> None:
    """Lets the supervisor catch up before another program may write to the same log."""

    def hook(event: str, _arguments: Any) -> None:
        if event in _STARTS_PROCESS:
            flush_output()
            channel.sync()

    sys.addaudithook(hook)
