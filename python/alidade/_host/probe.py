"""Tries the isolation levels on this machine, once, at the template's start."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from typing import List, Tuple

from . import bubblewrap, layout, linux, namespaces, seccomp
from .attempt import Attempt
from .sandbox import SandboxError


def levels(scratch: str) -> Tuple[List[str], List[str]]:
    """The levels that work, best first, and why the others do not."""
    layout.shown()  # once for all forks, as the next two
    linux.boot_id()
    working, reasons = [], []
    for level, tried in (("L1", _try_l1), ("L1c", _try_l1c)):
        folder = tempfile.mkdtemp(prefix="probe-", dir=scratch)
        try:
            seccomp.program(os.uname().machine)
            for name in ("plugins", "inputs", "events"):
                os.mkdir(os.path.join(folder, name))
            reason = tried(folder)
        except OSError as error:
            reason = error.strerror or str(error)
        except SandboxError as error:
            reason = str(error)
        finally:
            shutil.rmtree(folder)
        if reason:
            reasons.append(f"{level}: {reason}")
        else:
            working.append(level)
    # Why there is no second way matters to nobody who has the first.
    return [*working, "L0"], reasons if "L1" not in working else []


def _try_l1c(folder: str) -> str:
    return bubblewrap.attempt_to_start(bubblewrap.Bubblewrap(Attempt(folder, attempt=0, job=0, seed=0, level="L1c")))


def _try_l1(folder: str) -> str:
    """Enters L1 in a child, exactly as an attempt does, and returns what stood in the way."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _enter(folder, writer)
        except BaseException as error:
            os.write(writer, (str(error) or type(error).__name__).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as file:
        answer = file.read()
    os.waitpid(child, 0)
    return "" if answer == "works" else answer or "it ended without a word"


def _enter(folder: str, writer: int) -> None:
    sandbox = namespaces.Namespaces(Attempt(folder=folder, attempt=0, job=0, seed=0, level="L1"))
    sandbox.enter_supervisor()
    job = os.fork()
    if job == 0:
        try:
            linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            sandbox.enter_job()
            os.write(writer, b"works")
        except BaseException as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(job, 0)
