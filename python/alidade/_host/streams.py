"""The job's socket and pipes, as the supervisor reads them."""

from __future__ import annotations

import os
import select
import socket
from typing import List, Optional

from .frames import SYNC, FrameReader
from .intake import Intake

_CHUNK = 256 * 1024
_PIPE_ROUND = 1024 * 1024


class Streams:
    """Reads without waiting and hands over to the intake, in the order in which things happened."""

    def __init__(self, connection: socket.socket, out: int, err: int, intake: Intake, poll: "select.poll") -> None:
        self.is_reading = False
        self._socket: Optional[socket.socket] = connection
        self._pipes = {out: "stdout", err: "stderr"}
        self._intake = intake
        self._poll = poll
        self._reader = FrameReader()
        connection.setblocking(False)
        for pipe in self._pipes:
            os.set_blocking(pipe, False)

    def set_reading(self, reading: bool) -> None:
        """Whether to be woken by them. What is not read makes the job wait."""
        if reading == self.is_reading:
            return
        self.is_reading = reading
        for descriptor in self._descriptors():
            if reading:
                self._poll.register(descriptor, select.POLLIN)
            else:
                self._poll.unregister(descriptor)

    def read_once(self) -> bool:
        """Takes in what is there; false when there was nothing.

        The pipes are read after the socket but taken in before it: what a program wrote stands before
        what the host says afterwards. The other order is kept by the host, with SYNC.
        """
        data = self._receive()
        took = bool(data)
        for pipe in list(self._pipes):
            took = self._read_pipe(pipe) or took
        for kind, payload in self._reader.feed(data):
            if kind == SYNC:
                self._acknowledge()
            else:
                self._intake.frame(kind, payload)
        return took

    def read_to_end(self) -> None:
        """What the job wrote last. Nobody writes any more, so it is bounded."""
        while self._descriptors() and self.read_once():
            pass

    def close(self) -> None:
        """Lets go of what is still open at this end."""
        if self._socket is not None:
            self._socket.close()
        for pipe in self._pipes:
            os.close(pipe)

    def forget_frame(self) -> None:
        """Drops the half record that could not be understood."""
        self._reader = FrameReader()

    def _receive(self) -> bytes:
        if self._socket is None:
            return b""
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except ConnectionResetError:
            data = b""
        if not data:
            self._release(self._socket.fileno())
            self._socket.close()
            self._socket = None
        return data

    def _read_pipe(self, pipe: int) -> bool:
        total = 0
        while total < _PIPE_ROUND:
            try:
                data = os.read(pipe, _CHUNK)
            except BlockingIOError:
                break
            if not data:
                self._release(pipe)
                os.close(pipe)
                del self._pipes[pipe]
                break
            total += len(data)
            self._intake.output("pipe", self._pipes[pipe], data)
        return total > 0

    def _acknowledge(self) -> None:
        if self._socket is not None:
            try:
                self._socket.send(b".")
            except OSError:
                pass  # the job is gone; its process tells

    def _release(self, descriptor: int) -> None:
        if self.is_reading:
            self._poll.unregister(descriptor)

    def _descriptors(self) -> List[int]:
        return [*self._pipes, *([self._socket.fileno()] if self._socket is not None else [])]
