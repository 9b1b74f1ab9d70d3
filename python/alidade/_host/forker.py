"""A copy of the template that a supervisor keeps for itself, and that forks its jobs.

A process that forks shares its memory with the child, and then pays for every page that either of the two
writes to. A supervisor that runs one attempt after another would pay that for each; its forker does
nothing but fork and wait, so little of its memory is ever copied, and nothing of one attempt is in it
when the next one is forked.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
from typing import List, NoReturn, Sequence, Tuple

from . import linux
from .attempt import Attempt
from .jobstart import become_job, say_failed
from .sandbox import Job, Sandbox

_ORDER_LIMIT = 16 * 1024
_REPLY_LIMIT = 256
_DESCRIPTORS = 3


class Forker:
    """The supervisor's side. The job is the forker's child, and ends with it as it ends with the supervisor."""

    def __init__(self, job: Job) -> None:
        """Called before the supervisor has read an attempt. ``job`` is what a forked process is to run."""
        self._wire, wire = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        supervisor = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
                linux.close_all_but(wire.fileno())
                if os.getppid() == supervisor:
                    _serve(wire, job)
            finally:
                os._exit(1)
        wire.close()

    def fileno(self) -> int:
        """Readable between two attempts once it has ended; -1 when that is known."""
        return self._wire.fileno()

    @property
    def is_there(self) -> bool:
        return self.fileno() >= 0

    def fork(self, sandbox: Sandbox, descriptors: Sequence[int]) -> int:
        """The job's process, which runs the attempt in ``sandbox``; it is not reaped before ``wait``.

        :raises OSError: there is none; if the forker was killed, what it may have forked has become the supervisor's.
        """
        order = json.dumps({"folder": sandbox.folder, "relay": sandbox.relay}).encode()
        try:
            socket.send_fds(self._wire, [order], descriptors)
            reply = self._wire.recv(_REPLY_LIMIT)
        except (BrokenPipeError, ConnectionResetError):
            reply = b""
        if not reply:
            self._bury()
            raise ChildProcessError("the process that forks the jobs was killed")
        pid = int(reply)
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid

    def wait(self, pid: int) -> Tuple[int, int, float]:
        """Status, peak of memory in KiB and seconds of processor time of a job that has ended."""
        reply = self._ended()
        if reply:
            status, peak, seconds = reply.split()
            return int(status), int(peak), float(seconds)
        # It was killed, and its job with it, which is the supervisor's own child from then on.
        self._bury()
        try:
            return wait(pid)
        except ChildProcessError:
            return signal.SIGKILL, 0, 0.0  # it was waited for, and nobody heard

    def end(self) -> None:
        """Kills it; a job that it may have forked is the supervisor's own child from then on, and may still run."""
        if self.is_there:
            os.kill(self.pid, signal.SIGKILL)
            self._bury()

    def _bury(self) -> None:
        self._wire.close()
        os.waitpid(self.pid, 0)

    def _ended(self) -> bytes:
        try:
            self._wire.send(b"w")
            return self._wire.recv(_REPLY_LIMIT)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def wait(pid: int) -> Tuple[int, int, float]:
    """Status, peak of memory in KiB and seconds of processor time of a child."""
    _, status, usage = os.wait4(pid, 0)
    return status, usage.ru_maxrss, usage.ru_utime + usage.ru_stime


def _serve(wire: socket.socket, job: Job) -> NoReturn:
    while True:
        order, descriptors, _, _ = socket.recv_fds(wire, _ORDER_LIMIT, _DESCRIPTORS)
        if not order:
            os._exit(0)
        try:
            pid = os.fork()
        except OSError as error:
            pid = -(error.errno or errno.EAGAIN)
        if pid == 0:
            _begin(order, descriptors, job)
        for descriptor in descriptors:
            os.close(descriptor)
        wire.send(b"%d" % pid)
        if pid < 0:
            continue
        if not wire.recv(1):
            os._exit(0)
        wire.send(b"%d %d %f" % wait(pid))


def _begin(order: bytes, descriptors: List[int], job: Job) -> NoReturn:
    try:
        for descriptor in descriptors:  # no program that the job starts may have them
            os.set_inheritable(descriptor, False)
        connection, out, err = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptors[0]), *descriptors[1:]
        try:
            said = json.loads(order)
            sandbox = Sandbox.create(Attempt.read(said["folder"]))
            sandbox.relay = said["relay"]
        except Exception as error:
            say_failed(connection, error)
            os._exit(1)
        become_job(sandbox, connection, out, err, sandbox.job(job))
    finally:
        os._exit(1)
