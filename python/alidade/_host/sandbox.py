"""What stands between a job and the machine, by isolation level."""

from __future__ import annotations

import os
import signal
import socket
from typing import TYPE_CHECKING, Callable, Dict, List, NoReturn, Optional, Tuple

from . import limits, linux
from .attempt import Attempt
from .relay import Relay

if TYPE_CHECKING:
    from .namespaces import Ground

Job = Callable[["Sandbox", socket.socket], NoReturn]
"""What runs as the job: gets the place it runs in, and its end of the socket."""


class SandboxError(Exception):
    """The level cannot be had here; the text says why."""


class Sandbox:
    """L0: own session, limits, no new privileges; everything the user may see, the job may see."""

    def __init__(self, attempt: Attempt, secrets: Optional[Dict[str, bytes]] = None) -> None:
        self.attempt = attempt
        self.folder = attempt.folder
        self._secrets = secrets or {}
        self._order = -1
        self.relay: Dict[str, str] = {}
        """Variables that show the job the way to the agent, once there is one."""

    @staticmethod
    def create(
        attempt: Attempt, secrets: Optional[Dict[str, bytes]] = None, ground: Optional["Ground"] = None
    ) -> "Sandbox":
        """:param ground: For an attempt at L1, made before by this process."""
        if attempt.level == "L0":
            return Sandbox(attempt, secrets)
        if attempt.level == "L1c":
            from .bubblewrap import Bubblewrap

            return Bubblewrap(attempt, secrets)
        from .namespaces import Namespaces

        return Namespaces(attempt, secrets, ground)

    @property
    def environment(self) -> Dict[str, str]:
        """Variables that go with the place the job runs in."""
        return {"TMPDIR": os.path.join(self.folder, "tmp"), **self.places}

    @property
    def places(self) -> Dict[str, str]:
        """Variables that say where the job finds what it was given."""
        places = {"ALIDADE_DATA": self.data} if self.attempt.data else {}
        return {**places, "ALIDADE_SECRETS": self.secrets} if self.attempt.secrets else places

    @property
    def secrets(self) -> str:
        """The folder in which the secrets stand by name."""
        return self.attempt.secrets_folder or ""

    @property
    def data(self) -> str:
        """The folder in which the data folders stand by name."""
        return os.path.join(self.folder, "data")

    @property
    def descriptors(self) -> List[int]:
        """What the job's process needs beside its socket and output, and closes."""
        return [] if self._order < 0 else [self._order]

    def make_relay(self) -> Optional[Relay]:
        return Relay.create(self.attempt)

    def job(self, job: Job) -> Job:
        """What the forked process is to run. Called in it."""
        if self.attempt.python is None:
            return job
        from . import coldstart

        self._order = coldstart.order(self)
        return coldstart.job(self, self._order)

    def terminate(self, pid: int) -> None:
        """Asks the job's session to end. ``pid`` is the forked process."""
        try:
            os.killpg(pid, signal.SIGTERM)
        except ProcessLookupError:  # its session is not made yet, or it has just gone
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def ending(self, status: int) -> Tuple[int, str]:
        """How the job's process ended, from how the forked one did; and what kept it from beginning, if anything."""
        return status, ""

    def enter_supervisor(self) -> None:
        """The supervisor's part, before it forks the job."""
        for name in ("work", "outputs", "tmp"):
            try:
                os.mkdir(os.path.join(self.attempt.folder, name))
            except FileExistsError:
                pass  # the agent has made it
        for name, path in self.attempt.data.items():
            if not os.path.isdir(path):
                raise SandboxError(f"the data folder {name} is not there: {path} is no folder")
        self.show_data()

    def show_data(self) -> None:
        """Makes the data folders found; links cannot keep anyone from writing or from looking elsewhere."""
        for name, path in self.attempt.data.items():
            os.makedirs(self.data, exist_ok=True)
            os.symlink(path, os.path.join(self.data, name))

    def enter_job(self) -> None:
        """The job's part, in its own process."""
        os.chdir(os.path.join(self.folder, "work"))
        limits.apply(self.attempt.limits)
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
