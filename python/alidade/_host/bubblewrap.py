"""L1c: a job started cold under bubblewrap, for machines where L1 does not work.

bubblewrap executes a program, so nothing imported ahead is kept. The supervisor stays outside; what it
must know from inside, the end of the job and the port of the relay, comes over a socket of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from typing import Any, Dict, List, NoReturn, Optional, Sequence, Tuple

from . import coldstart, layout, linux, seccomp, secrets
from .attempt import Attempt
from .relay import Relay
from .sandbox import Job, Sandbox, SandboxError

_MESSAGE = 64


class Bubblewrap(Sandbox):
    """Isolation by a helper program that is allowed what we are not."""

    def __init__(self, attempt: Attempt, given: Optional[Dict[str, bytes]] = None) -> None:
        super().__init__(attempt, given)
        self.folder = layout.FOLDER
        self._wire, self._inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._wire.setblocking(False)
        self._has_begun = False
        self._status: Optional[int] = None

    @property
    def environment(self) -> Dict[str, str]:
        return {**layout.ENVIRONMENT, **self.places}

    @property
    def data(self) -> str:
        return layout.DATA

    @property
    def secrets(self) -> str:
        return secrets.FOLDER

    def show_data(self) -> None:
        """They are bound with all else."""

    @property
    def descriptors(self) -> List[int]:
        return [self._inside.fileno()]

    def make_relay(self) -> Optional[Relay]:
        if self.attempt.relay is None or self.attempt.network:
            return Relay.create(self.attempt)
        return _RelayInside(self.attempt, self)

    def enter_supervisor(self) -> None:
        super().enter_supervisor()
        if os.geteuid() == 0:
            raise SandboxError("under root a job would be root outside too; run the worker as a user of its own")
        exposed = layout.exposing(self.attempt.folder)
        if exposed is not None:
            raise SandboxError(f"the attempt lies in {exposed}, which every job may read; move the worker's data out of it")
        seccomp.program(os.uname().machine)

    def enter_job(self) -> None:
        """All of it is done by bubblewrap and, behind it, by ``cold.py``."""

    def job(self, _job: Job) -> Job:
        return self._start

    def terminate(self, pid: int) -> None:
        """The job is the first child of its namespace's first process, which is bubblewrap's only child."""
        first = linux.children(pid)
        jobs = linux.children(first[0]) if first else []
        if jobs:
            super().terminate(jobs[0])
        else:
            os.kill(pid, signal.SIGKILL)  # no user code has begun that could want to clean up

    def ending(self, status: int) -> Tuple[int, str]:
        """The job's own status, and what kept it from beginning."""
        while self.hear() is not None:
            pass
        problem = "" if self._has_begun else "bubblewrap could not begin the job; its last line says why"
        return (status if self._status is None else self._status), problem

    def hear(self) -> Optional[List[int]]:
        """The next message from inside, and what came with it; None when there is none."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._wire, _MESSAGE, 1)
        except (BlockingIOError, ConnectionResetError):
            return None
        if not data:
            return None
        message = data.decode("ascii")
        if message == "begun":
            self._has_begun = True
        else:
            self._status = int(message)
        return list(descriptors)

    @property
    def wire(self) -> socket.socket:
        return self._wire

    def command(self, program: Sequence[str]) -> List[str]:
        """bubblewrap's arguments, in the order in which it works them off; the files it reads are made now."""
        words = ["bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"]
        words += [] if self.attempt.network else ["--unshare-net"]
        words += ["--uid", str(layout.UID), "--gid", str(layout.UID), "--hostname", "job"]
        words += ["--die-with-parent", "--as-pid-1"]
        binds, links = layout.system()
        for bind in sorted([*binds, *layout.attempt(self.attempt)], key=lambda bind: bind.target):
            option = "--dev-bind" if bind.device else "--bind" if bind.writable else "--ro-bind"
            words += [option, bind.source, bind.target]
        for path, goal in links:
            words += ["--symlink", goal, path]
        files = layout.FILES if self.attempt.network else {**layout.FILES, "/etc/hosts": layout.LOCAL_HOSTS}
        for path, text in files.items():
            words += ["--ro-bind-data", str(coldstart.memory_file(text.encode())), path]
        if self._secrets:
            words += ["--perms", "0700", "--dir", secrets.FOLDER]
        for name, value in self._secrets.items():
            words += ["--perms", "0400", "--ro-bind-data", str(coldstart.memory_file(value)), f"{secrets.FOLDER}/{name}"]
        size = [] if self.attempt.limits.memory is None else ["--size", str(self.attempt.limits.memory)]
        words += ["--proc", "/proc", "--perms", "1777", *size, "--tmpfs", "/dev/shm"]
        words += ["--symlink", "/tmp", f"{layout.FOLDER}/tmp", "--remount-ro", "/", "--chdir", f"{layout.FOLDER}/work"]
        return [*words, "--", *program]

    def _start(self, _sandbox: Sandbox, connection: socket.socket) -> NoReturn:
        """The job's process becomes bubblewrap."""
        try:
            listens = self.attempt.relay is not None and not self.attempt.network
            program = coldstart.program(self, coldstart.order(self, listens), connection.fileno(), self._inside.fileno())
            os.execv(_executable(), self.command(program))
        except (OSError, SandboxError) as error:
            coldstart.say_failed(connection, f"bubblewrap cannot be started: {error}")
        finally:
            os._exit(1)


class _RelayInside(Relay):
    """Its listener is made inside the job's net namespace, where we cannot go, and handed out."""

    def __init__(self, attempt: Attempt, sandbox: Bubblewrap) -> None:
        super().__init__(attempt)
        self._sandbox = sandbox

    def listen(self, poll: Any) -> Dict[str, str]:
        self._poll = poll
        self._poll.register(self._sandbox.wire, 1)
        return {}  # said inside, where the port is known

    def handle(self, ready: Dict[int, int]) -> None:
        if self._sandbox.wire.fileno() in ready:
            descriptors = self._sandbox.hear()
            if descriptors:
                self.listen_on(socket.socket(fileno=descriptors[0]))
            if descriptors is None:
                self._poll.unregister(self._sandbox.wire)
        if self.is_open:
            super().handle(ready)


def _executable() -> str:
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxError("bubblewrap is not installed")
    return found


def attempt_to_start(sandbox: Bubblewrap) -> str:
    """Starts the interpreter under it, as an attempt does; what stood in the way."""
    import subprocess

    sandbox.enter_supervisor()
    command = sandbox.command([sys.executable, coldstart.COLD])
    found = subprocess.run(
        command, executable=_executable(), close_fds=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return "" if found.returncode == 0 else (found.stderr.strip() or f"it ended with {found.returncode}")
