"""A job in an interpreter started for it alone, behind the walls of its sandbox.

For interpreters that no template may run, because what is installed in them is as foreign as the job, and
for sandboxes that execute a program.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any, Dict, List, NoReturn

from .frames import EVENT, pack
from .sandbox import Job, Sandbox

COLD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cold.py")


def job(sandbox: Sandbox, order: int) -> Job:
    """What becomes the interpreter of the attempt. ``order`` is what it is to do, see ``order``."""

    def start(_sandbox: Sandbox, connection: socket.socket) -> NoReturn:
        words = program(sandbox, order, connection.fileno())
        try:
            os.execv(words[0], words)
        except OSError as error:
            say_failed(connection, f"the interpreter {words[0]} cannot be started: {error.strerror}")
        finally:
            os._exit(1)

    return start


def order(sandbox: Sandbox, listens: bool = False) -> int:
    """A file without a name that says what the host must know of its attempt, which is all but the way to the agent."""
    said: Dict[str, Any] = {
        "attempt": {**sandbox.attempt.said, "relay": None, "secrets": {"names": sandbox.attempt.secrets}},
        "plan": sandbox.attempt.plan,
        "relay": sandbox.relay,
        "listen": listens,
        "folder": sandbox.folder,
        "data": sandbox.data,
        "secrets": sandbox.secrets,
        "environment": sandbox.environment,
    }
    return memory_file(json.dumps(said).encode())


def program(sandbox: Sandbox, *descriptors: int) -> List[str]:
    """The command line of the host; it gets the descriptors as they are."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)
    return [sandbox.attempt.python or sys.executable, COLD, *map(str, descriptors)]


def memory_file(data: bytes) -> int:
    """A file without a name that the next program inherits."""
    file = os.memfd_create("alidade", 0)
    while data:
        data = data[os.write(file, data) :]
    os.lseek(file, 0, os.SEEK_SET)
    return file


def say_failed(connection: socket.socket, message: str) -> None:
    connection.sendall(pack(EVENT, json.dumps({"k": "failed", "reason": "env_setup", "message": message}).encode()))
