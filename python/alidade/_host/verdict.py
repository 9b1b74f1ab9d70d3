"""How an attempt ended, and the file that says so."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional


@dataclass(frozen=True)
class Verdict:
    outcome: str
    reason: Optional[str] = None
    message: Optional[str] = None
    traceback: Optional[str] = None
    full_traceback: Optional[str] = None
    step: Optional[str] = None


@dataclass(frozen=True)
class Ending:
    """What the supervisor saw of the end.

    ``forced`` is its own reason to end the job, ``failure`` the host's last message when it was one,
    ``status`` what ``wait`` returned.
    """

    status: int
    is_done: bool
    failure: Optional[Dict[str, Any]] = None
    forced: Optional[Verdict] = None
    step: Optional[str] = None
    saw_oom_kill: Callable[[], bool] = bool


def judge(ending: Ending) -> Verdict:
    """The plan decides first, then what we did to the job, then what it said, then how it died."""
    if ending.is_done:
        return Verdict("finished")
    if ending.forced is not None:
        return ending.forced
    if ending.failure is not None:
        said = ending.failure
        return Verdict(
            "failed",
            said.get("reason", "user_error"),
            said.get("message"),
            said.get("traceback"),
            said.get("fullTraceback"),
            said.get("step"),
        )
    if os.WIFSIGNALED(ending.status):
        number = os.WTERMSIG(ending.status)
        name = _signal_name(number)
        if number == signal.SIGKILL and ending.saw_oom_kill():
            message = f"killed by the kernel ({name}): the machine ran out of memory"
            return Verdict("failed", "oom", message, step=ending.step)
        return Verdict("failed", "killed", f"the process was ended by {name}", step=ending.step)
    code = os.WEXITSTATUS(ending.status)
    message = f"the process ended with exit code {code} before the plan was done"
    return Verdict("failed", "user_error", message, step=ending.step)


def write_exit(folder: int, verdict: Verdict, status: Optional[int], facts: Dict[str, Any]) -> None:
    """Writes ``exit.json`` so that it is there whole or not at all. ``folder`` is a descriptor."""
    exited = status is not None and os.WIFEXITED(status)
    signaled = status is not None and os.WIFSIGNALED(status)
    report = {
        "version": 1,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "exit": os.WEXITSTATUS(status) if status is not None and exited else None,
        "signal": os.WTERMSIG(status) if status is not None and signaled else None,
        "message": verdict.message,
        "traceback": verdict.traceback,
        "fullTraceback": verdict.full_traceback,
        "step": verdict.step,
        **facts,
    }
    # A file name that is no UTF-8 stands in Python's texts, and so in messages, as half of a surrogate pair.
    data = json.dumps(report, ensure_ascii=False).encode("utf-8", "replace")
    file = os.open("exit.json.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644, dir_fd=folder)
    try:
        os.write(file, data)
        os.fsync(file)
    finally:
        os.close(file)
    os.rename("exit.json.new", "exit.json", src_dir_fd=folder, dst_dir_fd=folder)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
