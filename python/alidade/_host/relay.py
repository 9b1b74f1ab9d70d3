"""The way out of a job without a network: one loopback port, carried to the agent's Unix socket.

The supervisor carries bytes. It says first whose they are; what may pass, and under which credential,
is for the agent to decide.
"""

from __future__ import annotations

import os
import select
import socket
from typing import Dict, List, Optional, Set

from .attempt import Attempt

_CHUNK = 256 * 1024
_MOST_LINKS = 64
_SORRY = b'{"message":"The agent of this worker is not there now; try again shortly."}'
_NO_AGENT = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_SORRY), _SORRY)
)


class Relay:
    """Listens inside the job's net namespace, or, where it has none, for this user's processes only."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._is_alone = attempt.level != "L0" and not attempt.network
        self._links: Dict[int, _Link] = {}
        self._is_listening = False
        # Opened while we may still go there: at L1 under root the supervisor becomes a user of its own.
        place, self._name = os.path.split(attempt.relay.socket) if attempt.relay else ("", "")
        self._place = os.open(place, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC) if place else -1

    @staticmethod
    def create(attempt: Attempt) -> Optional["Relay"]:
        return Relay(attempt) if attempt.relay else None

    @property
    def is_open(self) -> bool:
        return self._is_listening or bool(self._links)

    def listen(self, poll: "select.poll") -> Dict[str, str]:
        """Begins; the variables that show the way."""
        self._poll = poll
        self.listen_on(new_listener())
        return way(self._listener)

    def listen_on(self, listener: socket.socket) -> None:
        self._listener = listener
        self._listener.setblocking(False)
        self._port: int = listener.getsockname()[1]
        self._set_listening(True)

    def close(self) -> None:
        """Ends all that is carried."""
        for link in set(self._links.values()):
            for end in link.ends:
                end.close()
        self._listener.close()
        os.close(self._place)

    def handle(self, ready: Dict[int, int]) -> None:
        if self._listener.fileno() in ready:
            self._accept()
        for descriptor in ready:
            link = self._links.get(descriptor)
            if link is not None:
                self._move(link, descriptor, ready[descriptor])

    def _accept(self) -> None:
        try:
            connection, peer = self._listener.accept()
        except OSError:
            return  # it is gone again
        if not self._is_alone and _owner(peer[1], self._port) != os.geteuid():
            connection.close()
            return
        connection.setblocking(False)
        link = _Link(connection, self._connect())
        for end in link.ends:
            self._links[end.fileno()] = link
        self._watch(link)
        self._set_listening(len(self._links) < 2 * _MOST_LINKS)

    def _connect(self) -> socket.socket:
        """To the agent, or to the answer that it is not there."""
        assert self._attempt.relay is not None
        agent = socket.socket(socket.AF_UNIX)
        agent.setblocking(False)
        try:
            # A path through the descriptor: the agent's folder may be closed to us, or too deep for a socket's name.
            agent.connect(f"/proc/self/fd/{self._place}/{self._name}")
            agent.send(f"{self._attempt.attempt} {self._attempt.relay.secret}\n".encode())
            return agent
        except OSError:
            agent.close()
        answer, ours = socket.socketpair()
        answer.send(_NO_AGENT)
        answer.close()
        ours.setblocking(False)
        return ours

    def _move(self, link: "_Link", descriptor: int, events: int) -> None:
        try:
            link.move(descriptor, events)
        except OSError:  # one end is gone, so nobody waits for what the other says
            link.is_over = True
        if link.is_over:
            self._close(link)
        else:
            self._watch(link)

    def _watch(self, link: "_Link") -> None:
        """Wakes for what can be done only: an end that hung up is always ready."""
        for end in link.ends:
            wanted, descriptor = link.interest(end), end.fileno()
            if wanted == link.watched.get(descriptor, 0):
                continue
            if wanted:
                self._poll.register(descriptor, wanted)
            else:
                self._poll.unregister(descriptor)
            link.watched[descriptor] = wanted

    def _close(self, link: "_Link") -> None:
        for end in link.ends:
            descriptor = end.fileno()
            if link.watched.get(descriptor, 0):
                self._poll.unregister(descriptor)
            del self._links[descriptor]
            end.close()
        self._set_listening(True)

    def _set_listening(self, listening: bool) -> None:
        """At the limit further connections wait in the kernel."""
        if listening == self._is_listening:
            return
        self._is_listening = listening
        if listening:
            self._poll.register(self._listener, select.POLLIN)
        else:
            self._poll.unregister(self._listener)


class _Link:
    """One connection of the job and its other end at the agent; at most one chunk waits in each direction."""

    def __init__(self, job: socket.socket, agent: socket.socket) -> None:
        self.ends = (job, agent)
        self.is_over = False
        self.watched: Dict[int, int] = {}
        self._other = {job.fileno(): agent, agent.fileno(): job}
        self._unsent: Dict[socket.socket, memoryview] = {end: memoryview(b"") for end in self.ends}
        self._ended: Set[socket.socket] = set()

    def interest(self, end: socket.socket) -> int:
        can_read = end not in self._ended and not self._unsent[self._other[end.fileno()]]
        return (select.POLLIN if can_read else 0) | (select.POLLOUT if self._unsent[end] else 0)

    def move(self, descriptor: int, events: int) -> None:
        """Does what ``events`` allow at one end."""
        other = self._other[descriptor]
        end = self._other[other.fileno()]
        if self._unsent[end]:
            self._send(end, other)
        if events & (select.POLLIN | select.POLLHUP | select.POLLERR) and self.interest(end) & select.POLLIN:
            try:
                data = end.recv(_CHUNK)
            except BlockingIOError:
                return
            except ConnectionResetError:
                data = b""
            if not data:
                self._ended.add(end)
            self._unsent[other] = memoryview(data)
            self._send(other, end)
        self.is_over = len(self._ended) == 2 and not any(self._unsent.values())

    def _send(self, to: socket.socket, source: socket.socket) -> None:
        if self._unsent[to]:
            try:
                self._unsent[to] = self._unsent[to][to.send(self._unsent[to]) :]
            except BlockingIOError:
                return
            except (BrokenPipeError, ConnectionResetError):
                # It listens no more, but may have said why, and that must still be carried.
                self._unsent[to] = memoryview(b"")
        if not self._unsent[to] and source in self._ended:
            to.shutdown(socket.SHUT_WR)


def new_listener() -> socket.socket:
    """A loopback port of the net namespace we are in."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(_MOST_LINKS)
    return listener


def way(listener: socket.socket) -> Dict[str, str]:
    """The variables that show a job the way to it."""
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return {
        "MLFLOW_TRACKING_URI": address,
        "ALIDADE_API": address,
        "DIOPTRA_API": address,
        # Its client insists on signing in; the agent takes any name, for it knows who calls.
        "DIOPTRA_WORKER_USERNAME": "job",
        "DIOPTRA_WORKER_PASSWORD": "none",
    }


def _owner(peer: int, port: int) -> Optional[int]:
    """The user at the other end of a loopback connection."""
    with open("/proc/self/net/tcp", encoding="ascii") as file:
        for line in file:
            fields = line.split()
            if fields[1].endswith(f":{peer:04X}") and fields[2] == f"0100007F:{port:04X}":
                return int(fields[7])
    return None
