"""The first moments of the job's process, between the fork and user code."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import traceback
from typing import Dict, NoReturn

from . import linux
from .frames import EVENT, pack
from .sandbox import Job, Sandbox, SandboxError


def become_job(sandbox: Sandbox, connection: socket.socket, out: int, err: int, job: Job) -> NoReturn:
    """Gives up all that is the supervisor's, enters the sandbox and runs ``job``."""
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        os.dup2(out, 1)
        os.dup2(err, 2)
        linux.close_all_but(connection.fileno(), *sandbox.descriptors)
        if not _is_supervised(connection):
            os._exit(1)
        sandbox.enter_job()
    except Exception as error:
        say_failed(connection, error)
        os._exit(1)
    gc.enable()
    job(sandbox, connection)


def _is_supervised(connection: socket.socket) -> bool:
    """Whether the supervisor still holds its end: it may have died before we asked to die with it. It says nothing
    unasked, so that there is something to read only at the end.
    """
    return not select.select([connection], [], [], 0)[0]


def say_failed(connection: socket.socket, error: Exception) -> None:
    """What keeps the job from beginning, and is no fault of its code."""
    message: Dict[str, str] = {"k": "failed", "reason": "env_setup", "message": str(error)}
    if not isinstance(error, (SandboxError, OSError)):
        message["traceback"] = traceback.format_exc()
    connection.sendall(pack(EVENT, json.dumps(message).encode()))
