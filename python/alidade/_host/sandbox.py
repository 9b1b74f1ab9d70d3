"""What stands between a job and the machine, by isolation level."""

from __future__ import annotations

import os
from typing import Dict, List

from . import limits, linux
from .attempt import Attempt


class SandboxError(Exception):
    """The level cannot be had here; the text says why."""


class Sandbox:
    """L0: own session, limits, no new privileges; everything the user may see, the job may see."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.folder = attempt.folder

    @staticmethod
    def create(attempt: Attempt) -> "Sandbox":
        if attempt.level == "L0":
            return Sandbox(attempt)
        from .namespaces import Namespaces

        return Namespaces(attempt)

    @property
    def environment(self) -> Dict[str, str]:
        """Variables that go with the place the job runs in."""
        return {"TMPDIR": os.path.join(self.folder, "tmp")}

    @property
    def descriptors(self) -> List[int]:
        """What ``enter_job`` needs from ``enter_supervisor``, and closes."""
        return []

    def enter_supervisor(self) -> None:
        """The supervisor's part, before it forks the job."""
        for name in ("work", "outputs", "tmp"):
            os.makedirs(os.path.join(self.attempt.folder, name), exist_ok=True)

    def enter_job(self) -> None:
        """The job's part, in its own process."""
        os.chdir(os.path.join(self.folder, "work"))
        limits.apply(self.attempt.limits)
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
