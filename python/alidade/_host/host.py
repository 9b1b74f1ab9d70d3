"""The task host: runs the plan of an attempt in the job's process and says how it went."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import threading
import traceback
from typing import List, NoReturn, Optional, Tuple

from .. import _job
from ..errors import JobCancelled
from .attempt import Attempt
from .channel import Channel, flush_output
from .plan import PlanError, PlanRunner, describe
from .process import Process
from .sandbox import Sandbox

_OWN_FILES = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MAX_TRACEBACK = 256 * 1024


class Host:
    """Made by the template, once: what a process makes before it forks, the forked one need not copy page by page."""

    def __init__(self) -> None:
        self._channel = Channel()
        self._process = Process(self._channel)

    def run(self, sandbox: Sandbox, connection: socket.socket) -> NoReturn:
        """The whole life of the job's process. It ends without finalising the interpreter: that would only
        take time, and what user code registered to run at the end has run."""
        self._channel.open(connection)
        code = 1
        try:
            code = _run(sandbox, self._channel, self._process)
        except BaseException as error:  # a fault of the host itself
            if self._channel.is_own:
                _fail(self._channel, "env_setup", error, None)
        finally:
            os._exit(code)


def _run(sandbox: Sandbox, channel: Channel, process: Process) -> int:
    attempt, folder = sandbox.attempt, sandbox.folder
    runner: Optional[PlanRunner] = None
    is_done = False
    try:
        process.enter(sandbox)
        runner = PlanRunner(attempt.plan, folder, channel)
        _job.enter(
            _job.Job(
                attempt.job,
                attempt.attempt,
                attempt.seed,
                folder,
                runner.parameters,
                channel,
                sandbox.data,
                tuple(sorted(attempt.data)),
                sandbox.secrets,
                attempt.secrets,
            )
        )
        runner.run()
    except BaseException as error:
        code = _end(attempt, channel, error, runner) if channel.is_own else _end_fork(error)
    else:
        code, is_done = 0, True
    _end_user_code()
    if is_done and channel.is_own:
        channel.event("done")
    return code


def _end(attempt: Attempt, channel: Channel, error: BaseException, runner: Optional[PlanRunner]) -> int:
    """Says why the plan was not done; the code to end with."""
    step, artifact = (runner.step, runner.artifact) if runner else (None, None)
    if isinstance(error, JobCancelled):
        # The supervisor knows better, if it was the supervisor.
        channel.event("failed", reason="killed", message="the process was asked to end by a SIGTERM from elsewhere")
        return 1
    if isinstance(error, PlanError):
        return _fail(channel, "env_setup", error, None)
    if isinstance(error, SystemExit):
        return _fail_exit(channel, error, step)
    is_oom = isinstance(error, MemoryError) and attempt.limits.memory is not None
    return _fail(channel, "oom" if is_oom else "user_error", error, step, artifact)


def _end_fork(error: BaseException) -> int:
    """A process that user code has forked ends as a plain interpreter does; how the job ends, its own process says."""
    if isinstance(error, SystemExit):
        text = error.code
        if text is None or isinstance(text, int):
            return _code(error)
    else:
        text = _tracebacks(error)[0].rstrip("\n")
    try:
        print(text, file=sys.stderr or sys.__stderr__)
    except Exception:
        pass  # user code has closed it, or its texts cannot be shown
    return 1


def _end_user_code() -> None:
    """What the interpreter does at its end, as far as user code can see: join threads, run atexit, flush."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    flush_output()


def _fail(
    channel: Channel, reason: str, error: BaseException, step: Optional[str], artifact: Optional[str] = None
) -> int:
    trimmed, full = _tracebacks(error)
    message = f"{artifact}: {describe(error)}" if artifact else describe(error)
    channel.event("log", s="stderr", l="ERROR", m=trimmed.rstrip("\n"), step=step)
    channel.event("failed", reason=reason, message=message, traceback=trimmed, fullTraceback=full, step=step)
    return 1


def _fail_exit(channel: Channel, error: SystemExit, step: Optional[str]) -> int:
    trimmed, full = _tracebacks(error)
    message = f"the task called exit({'' if error.code is None else repr(error.code)}) before the plan was done"
    channel.event("log", s="stderr", l="ERROR", m=message, step=step)
    channel.event("failed", reason="user_error", message=message, traceback=trimmed, fullTraceback=full, step=step)
    return _code(error)


def _code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1


def _tracebacks(error: BaseException) -> Tuple[str, str]:
    """The traceback without our own frames, and the whole one."""
    whole = traceback.TracebackException(type(error), error, error.__traceback__)
    full = "".join(whole.format())
    pending: List[Optional[traceback.TracebackException]] = [whole]
    while pending:
        part = pending.pop()
        if part is not None:
            part.stack[:] = [frame for frame in part.stack if not frame.filename.startswith(_OWN_FILES)]
            pending += [part.__cause__, part.__context__]
    return "".join(whole.format())[-_MAX_TRACEBACK:], full[-_MAX_TRACEBACK:]
