"""The wire between the template and a supervisor: which attempt to run, and whether another may follow."""

from __future__ import annotations

import select
import signal
import socket
from typing import NamedTuple, Optional

from .forker import Forker

_LIMIT = 32 * 1024
_UNTIL_IDLE = 0.5
_UNTIL_TAKEN = 2.0
_STAYS, _ENDS = b"+", b"-"
_READY, _IDLE, _TAKEN = b"r", b"i", b"t"


class Order(NamedTuple):
    folder: str
    stays: bool
    """The supervisor waits for another attempt after this one."""


class NoAnswer(Exception):
    """A supervisor was given an attempt, and nobody knows whether it will run it."""


class Kept:
    """The template's end: a supervisor that it has forked."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._idle_since: Optional[float] = None

    def give(self, order: Order) -> bool:
        """For its first attempt; false when it is gone."""
        try:
            self._wire.send((_STAYS if order.stays else _ENDS) + order.folder.encode("utf-8", "surrogateescape"))
        except OSError:
            return False
        return True

    def is_ready(self) -> bool:
        """Whether one that makes something ready before its first attempt has done so; false when it is gone."""
        return self._hear(_UNTIL_IDLE) == _READY

    def give_next(self, order: Order) -> bool:
        """For a further attempt, once the supervisor has dropped what still came for the one before; false when
        it is gone, or does not wait for one.

        :raises NoAnswer: it may have taken the attempt, or not.
        """
        if self._idle_since is None and self._hear(_UNTIL_IDLE) != _IDLE:
            return False
        self._idle_since = None
        if not self.give(order):
            return False
        answer = self._hear(_UNTIL_TAKEN)
        if answer is None:
            raise NoAnswer
        return answer == _TAKEN

    def was_idle_for(self, moment: float, seconds: float) -> bool:
        """Whether it has waited for another attempt for so long, as far as one can see who asks now and then."""
        if self._idle_since is None and self._hear(0) == _IDLE:
            self._idle_since = moment
        return self._idle_since is not None and moment - self._idle_since >= seconds

    def _hear(self, seconds: float) -> Optional[bytes]:
        """What it says within that time; nothing at all when it is gone, None when it is silent."""
        try:
            self._wire.settimeout(seconds)
            return self._wire.recv(_LIMIT)
        except (BlockingIOError, socket.timeout):
            return None
        except OSError:
            return b""

    def close(self) -> None:
        """Lets it end, if it waits."""
        self._wire.close()


class Orders:
    """The supervisor's end."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._is_first = True

    def next(self, forker: Optional[Forker] = None) -> Optional[Order]:
        """Waits for an attempt; nothing when the template has ended or has no more, or the forker is gone.

        A cancel of the attempt before may still have been on its way. Who sends it has let go of that attempt
        before this one was ordered, and learns of this one only once it is taken: what is pending in between is old.
        """
        if not self._is_first:
            self._tell(_IDLE)
        if forker is not None and forker in select.select([self._wire, forker], [], [])[0]:
            return None
        said = self._wire.recv(_LIMIT)
        if not said:
            return None
        if not self._is_first:
            while signal.sigtimedwait({signal.SIGTERM}, 0) is not None:
                pass
            self._tell(_TAKEN)
        self._is_first = False
        return Order(said[1:].decode("utf-8", "surrogateescape"), said[:1] == _STAYS)

    def say_ready(self) -> None:
        """See ``Kept.is_ready``."""
        self._tell(_READY)

    def _tell(self, what: bytes) -> None:
        try:
            self._wire.send(what)
        except BrokenPipeError:
            pass  # the template has ended; the next read says so
