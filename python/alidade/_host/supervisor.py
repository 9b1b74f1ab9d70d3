"""The supervisor of one attempt: starts the job, takes in what it says, ends it, and writes how it ended."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import linux, secrets
from .attempt import Attempt, SetupError
from .events import EventWriter, now
from .forker import Forker, wait
from .frames import FrameError
from .intake import Intake
from .jobstart import become_job
from .limits import DiskWatch, MemoryWatch, SilenceWatch, oom_kills
from .namespaces import Ground
from .redaction import Redactor
from .sandbox import Job, Sandbox, SandboxError
from .streams import Streams
from .usage import Usage
from .verdict import Ending, Verdict, judge, write_exit

_POLL_WHEN_FULL = 0.5


class ForkError(Exception):
    """There is no process for the job: the reason, the message, and the number of the last event."""


class Supervisor:
    """Lives from the attempt's first event to its ``exit.json``, and outlives agent and template."""

    def __init__(
        self,
        attempt: Attempt,
        folder: int,
        facts: Dict[str, Any],
        forker: Optional[Forker] = None,
        ground: Optional[Ground] = None,
    ) -> None:
        self._attempt = attempt
        self._forker = forker
        self._apart = {forker.pid} if forker else set()
        self._facts = facts
        self._folder = folder
        self._started = now()
        self._oom_before = oom_kills()
        events = os.open("events", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        self._writer = EventWriter(events, attempt.limits.event_bytes, attempt.limits.disk_reserve)
        given = secrets.read(attempt)
        self._intake = Intake(self._writer, attempt.limits.log_bytes, Redactor(given))
        self._sandbox = Sandbox.create(attempt, given, ground)
        self._relay = self._sandbox.make_relay()
        self._forced: Optional[Verdict] = None
        self._kill_at: Optional[float] = None
        self._deadline = time.monotonic() + attempt.timeout
        self._step_limits = {
            step["name"]: float(step["timeout"]) for step in attempt.plan.get("steps") or [] if step.get("timeout")
        }
        self._memory = MemoryWatch(attempt.limits.memory)
        self._disk = DiskWatch(attempt.limits.disk, folder, time.monotonic())
        self._silence = SilenceWatch(attempt.silence, time.monotonic())
        self._usage = Usage(attempt.usage_every, time.monotonic())
        self._wake, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, lambda *_: None)
        self._poll = select.poll()
        self._poll.register(self._wake, select.POLLIN)

    def prepare(self) -> None:
        """What may fail before there is an event: entering the namespaces."""
        self._sandbox.enter_supervisor()
        if self._relay is not None:
            self._sandbox.relay = self._relay.listen(self._poll)

    def run(self, job: Job, notes: Sequence[str]) -> None:
        """Forks the job, and returns when all is written. The notes are the template's, about its preloads.

        :raises ForkError: there is no job.
        """
        try:
            self._start_event(notes)
        except OSError as error:
            self._give_up()
            raise ForkError("env_setup", f"its first event cannot be written: {error}", 0) from None
        try:
            self._fork(job)
        except OSError as error:
            self._give_up()
            reason = "killed" if isinstance(error, ChildProcessError) else "env_setup"
            raise ForkError(reason, f"the job's process could not be made: {error}", self._writer.last) from None
        try:
            while not self._round():
                pass
        except BaseException:
            self._kill()
            raise
        self._finish()
        if self._forker is not None:
            self._close()

    def _give_up(self) -> None:
        if self._forker is not None:
            self._forker.end()
        self._kill_orphans()
        secrets.delete(self._attempt)

    def _start_event(self, notes: Sequence[str]) -> None:
        own = {**self._facts, **self._attempt.interpreter, **self._attempt.shape()}
        self._writer.add("start", {"pid": os.getpid(), **own})
        for note in notes:
            self._intake.system("WARNING", note)
        self._writer.flush()

    def _fork(self, job: Job) -> None:
        ours, theirs = socket.socketpair()
        out, out_end = os.pipe2(os.O_CLOEXEC)
        err, err_end = os.pipe2(os.O_CLOEXEC)
        if self._forker is not None:
            self._job = self._forker.fork(self._sandbox, (theirs.fileno(), out_end, err_end))
        else:
            self._job = os.fork()
            if self._job == 0:
                become_job(self._sandbox, theirs, out_end, err_end, self._sandbox.job(job))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.close(out_end)
        os.close(err_end)
        theirs.close()
        self._process = os.pidfd_open(self._job)
        self._poll.register(self._process, select.POLLIN)
        self._streams = Streams(ours, out, err, self._intake, self._poll)

    def _round(self) -> bool:
        """Waits for something to happen and deals with it; true when the job's process has ended."""
        self._streams.set_reading(self._writer.has_room())
        ready = dict(self._poll.poll(self._wait_time()))
        if self._wake in ready:
            self._on_signal()
        if self._streams.is_reading:
            self._read(self._streams.read_once)
        if self._relay is not None:
            self._relay.handle(ready)
        self._on_time()
        return self._process in ready

    def _read(self, read: Callable[[], object]) -> None:
        try:
            read()
        except FrameError as error:
            # Nothing after this can be understood: the job is not the host we started.
            self._streams.forget_frame()
            message = f"the job broke the protocol of its socket: {error}"
            self._intake.system("ERROR", message)
            self._force(Verdict("failed", "user_error", message), grace=0)
        self._writer.flush()

    def _on_signal(self) -> None:
        try:
            while os.read(self._wake, 64):
                self._force(Verdict("cancelled", message="cancelled"), self._attempt.grace)
        except BlockingIOError:
            pass

    def _on_time(self) -> None:
        moment = time.monotonic()
        if moment >= self._deadline:
            limit = f"{self._attempt.timeout:g} s"
            self._force(Verdict("failed", "timeout", f"ran longer than its limit of {limit}"), self._attempt.grace)
        if moment >= self._step_deadline():
            limit = f"{self._step_limits[self._intake.step or '']:g} s"
            message = f"step {self._intake.step!r} ran longer than its limit of {limit}"
            self._force(Verdict("failed", "timeout", message), self._attempt.grace)
        self._measure(moment)
        if self._memory.is_exceeded(moment, self._processes):
            self._force(Verdict("failed", "oom", self._memory.message), grace=0)
        if self._disk.is_exceeded(moment):
            self._force(Verdict("failed", "disk", self._disk.message), grace=0)
        if self._silence.is_too_long(moment):
            self._force(Verdict("lost", "killed", self._silence.message), grace=0)
        if self._kill_at is not None and moment >= self._kill_at:
            self._kill()

    def _measure(self, moment: float) -> None:
        used = self._usage.look(moment, self._processes)
        for name, value in used.items():
            self._intake.measured(name, value, self._usage.step(moment))
        if used:
            self._writer.flush()

    def _step_deadline(self) -> float:
        limit = self._step_limits.get(self._intake.step or "")
        return float("inf") if limit is None or self._forced else self._intake.step_began + limit

    def _force(self, verdict: Verdict, grace: float) -> None:
        """Ends the job for a reason of ours; the first reason stands."""
        if self._forced is not None:
            return
        self._forced = Verdict(verdict.outcome, verdict.reason, verdict.message, step=self._intake.step)
        self._deadline = float("inf")
        self._kill_at = time.monotonic() + grace
        if grace > 0:
            self._intake.system("WARNING", f"{verdict.message}; the job has {grace:g} s to end by itself")
            self._writer.flush()
            self._sandbox.terminate(self._job)

    def _kill(self) -> None:
        self._kill_at = None
        for pid in linux.descendants(self._job) if self._attempt.level == "L0" else ():
            _send(pid, signal.SIGKILL)
        _send(self._job, signal.SIGKILL)

    def _finish(self) -> None:
        status, peak, seconds = self._forker.wait(self._job) if self._forker is not None else wait(self._job)
        self._kill_orphans()
        secrets.delete(self._attempt)
        self._read(self._streams.read_to_end)
        self._intake.finish()
        status, problem = self._sandbox.ending(status)
        if problem and self._forced is None:
            self._forced = Verdict("failed", "env_setup", problem)
        verdict = judge(
            Ending(
                status,
                self._intake.is_done,
                self._intake.failure,
                self._forced,
                self._intake.step,
                lambda: oom_kills() > self._oom_before,
            )
        )
        if self._intake.is_done and status != 0:
            self._intake.system("WARNING", "the process ended badly after the plan was done")
        while not self._writer.flush():
            time.sleep(_POLL_WHEN_FULL)
        self._writer.sync()
        write_exit(
            self._folder,
            verdict,
            status,
            {
                "lastEvent": self._writer.last,
                "started": self._started,
                "ended": now(),
                "peakMemory": peak * 1024,
                "cpuSeconds": round(seconds, 6),
            },
        )

    def _close(self) -> None:
        """Leaves nothing open for the next attempt, and hears of no cancel before it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        signal.set_wakeup_fd(-1)
        for part in (self._streams, self._writer, self._relay, self._silence):
            if part is not None:
                part.close()
        for descriptor in (self._wake, self._waker, self._process):
            os.close(descriptor)

    def _kill_orphans(self) -> None:
        """What the job left running became our child. (At L1 it ended with the namespace.)"""
        orphans = self._orphans()
        while orphans:
            for pid in orphans:
                for descendant in linux.descendants(pid):
                    _send(descendant, signal.SIGKILL)
                _send(pid, signal.SIGKILL)
            for pid in orphans:
                os.waitpid(pid, 0)
            orphans = self._orphans()

    def _processes(self) -> List[int]:
        """The whole job: its process, what that has started, and what was left behind."""
        roots = {self._job, *self._orphans()}
        return [pid for root in roots for pid in (root, *linux.descendants(root))]

    def _orphans(self) -> List[int]:
        """Our children, but for those that we have forked to stay."""
        return [pid for pid in linux.children(os.getpid()) if pid not in self._apart]

    def _wait_time(self) -> Optional[int]:
        moment = time.monotonic()
        ends = [self._deadline, self._step_deadline(), self._memory.next_look(moment), self._usage.next_look]
        ends += [self._disk.next_look, self._silence.next_look]
        if self._kill_at is not None:
            ends.append(self._kill_at)
        if not self._streams.is_reading:
            ends.append(moment + _POLL_WHEN_FULL)
        nearest = min(ends)
        return None if nearest == float("inf") else min(max(int((nearest - moment) * 1000) + 1, 0), 1 << 30)


def introduce() -> bytes:
    """What can be done before an attempt is known; returns the content of ``supervisor.json``."""
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    pid = os.getpid()
    text = '{"version": 1, "pid": %d, "started": %d, "boot": "%s"}'
    return (text % (pid, linux.start_time(pid), linux.boot_id())).encode()


def supervise(
    folder: str,
    identity: bytes,
    facts: Dict[str, Any],
    job: Job,
    notes: Sequence[str],
    forker: Optional[Forker],
    ground: Optional[Ground],
) -> bool:
    """Runs one attempt to its end. SIGTERM is blocked when this begins, and again when there may be
    another: a cancel must wait until the supervisor, and in the job until the host, has its handler.

    :returns: Whether it began at all; otherwise the process is not fit for another.
    """
    started = now()
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _write_identity(directory, identity)
        try:
            attempt = Attempt.read(folder)
            if forker is not None and attempt.level != "L0":
                raise SetupError(f"the supervisor of an attempt at {attempt.level} cannot stay for another")
            supervisor = Supervisor(attempt, directory, facts, forker, ground)
            supervisor.prepare()
        except (SetupError, SandboxError, OSError) as error:
            _write_failed(directory, "env_setup", str(error), 0, started)
            return False
        try:
            supervisor.run(job, notes)
        except ForkError as error:
            _write_failed(directory, *error.args, started)
            return False
        return True
    finally:
        os.close(directory)


def _write_failed(directory: int, reason: str, message: str, last: int, started: int) -> None:
    verdict = Verdict("failed", reason, message)
    write_exit(directory, verdict, None, {"lastEvent": last, "started": started, "ended": now()})


def _write_identity(directory: int, identity: bytes) -> None:
    file = os.open("supervisor.json.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644, dir_fd=directory)
    os.write(file, identity)
    os.close(file)
    os.rename("supervisor.json.new", "supervisor.json", src_dir_fd=directory, dst_dir_fd=directory)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
