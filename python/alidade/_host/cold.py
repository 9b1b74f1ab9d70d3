"""The task host of an interpreter that was started for one job.

Started as ``python3 cold.py ORDER CONNECTION [WIRE]``, all descriptors; without any it only tries whether
it can be started. With WIRE, which bubblewrap needs, it is the first process of the job's namespace: it
forks the job, waits for it, and says over WIRE how it ended.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any, Dict

# The folder of this file is no place to import from; the package is, but after the environment.
sys.path[0:1] = []
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from alidade._host import limits, linux, seccomp  # noqa: E402
from alidade._host.attempt import Attempt  # noqa: E402
from alidade._host.host import Host  # noqa: E402
from alidade._host.relay import new_listener, way  # noqa: E402
from alidade._host.sandbox import Sandbox  # noqa: E402


class Inside(Sandbox):
    """A job that is in its sandbox already."""

    def __init__(self, said: Dict[str, Any]) -> None:
        super().__init__(Attempt.of(said["folder"], said["attempt"], said["plan"]))
        self.relay = said["relay"]
        self._said = said

    @property
    def environment(self) -> Dict[str, str]:
        return self._said["environment"]

    @property
    def data(self) -> str:
        return self._said["data"]

    @property
    def secrets(self) -> str:
        return self._said["secrets"]


def main(order: int, connection: int, wire: int = -1) -> int:
    with os.fdopen(order, "rb") as file:
        said = json.load(file)
    os.set_inheritable(connection, False)
    sandbox = Inside(said)
    if wire < 0:
        Host().run(sandbox, socket.socket(fileno=connection))
    supervisor = socket.socket(fileno=wire)
    listener = new_listener() if said["listen"] else None
    if listener is not None:
        sandbox.relay = way(listener)
    socket.send_fds(supervisor, [b"begun"], [listener.fileno()] if listener is not None else [])
    job = os.fork()
    if job == 0:
        _become_job(sandbox, connection)
    os.close(connection)
    supervisor.send(str(_wait_for(job)).encode())
    return 0


def _become_job(sandbox: Sandbox, connection: int) -> None:
    os.setsid()
    linux.close_all_but(connection)
    limits.apply(sandbox.attempt.limits)
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.apply()
    Host().run(sandbox, socket.socket(fileno=connection))


def _wait_for(job: int) -> int:
    """The job's status; what else ends here was left behind by it."""
    while True:
        pid, status = os.wait()
        if pid == job:
            return status


if __name__ == "__main__" and len(sys.argv) > 1:
    sys.exit(main(*map(int, sys.argv[1:])))
