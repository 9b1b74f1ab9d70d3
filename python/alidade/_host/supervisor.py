"""The supervisor of one attempt: starts the job, takes in what it says, ends it, and writes how it ended."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import time
import traceback
from typing import Any, Callable, Dict, NoReturn, Optional

from . import linux
from .attempt import Attempt, SetupError
from .events import EventWriter, now
from .frames import EVENT, SYNC, FrameError, FrameReader, pack
from .intake import Intake
from .limits import MemoryWatch, oom_kills
from .sandbox import Sandbox, SandboxError
from .verdict import Ending, Verdict, judge, write_exit

_CHUNK = 256 * 1024
_PIPE_ROUND = 1024 * 1024
_POLL_WHEN_FULL = 0.5


Job = Callable[[Sandbox, socket.socket], NoReturn]
"""What runs as the job: gets the place it runs in, and its end of the socket."""


class Supervisor:
    """Lives from the attempt's first event to its ``exit.json``, and outlives agent and template."""

    def __init__(self, attempt: Attempt, folder: int, facts: Dict[str, Any]) -> None:
        self._attempt = attempt
        self._facts = facts
        self._folder = folder
        self._started = now()
        self._oom_before = oom_kills()
        events = os.open("events", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        self._writer = EventWriter(events, attempt.limits.event_bytes, attempt.limits.disk_reserve)
        self._intake = Intake(self._writer, attempt.limits.log_bytes)
        self._reader = FrameReader()
        self._sandbox = Sandbox.create(attempt)
        self._forced: Optional[Verdict] = None
        self._kill_at: Optional[float] = None
        self._deadline = time.monotonic() + attempt.timeout
        self._memory = MemoryWatch(attempt.limits.memory)
        self._wake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, lambda *_: None)

    def prepare(self) -> None:
        """What may fail before there is an event: entering the namespaces."""
        self._sandbox.enter_supervisor()

    def run(self, job: Job) -> None:
        """Forks the job, and returns when all is written."""
        self._start_event()
        self._fork(job)
        try:
            while not self._round():
                pass
        except BaseException:
            self._kill()
            raise
        self._finish()

    def _start_event(self) -> None:
        self._writer.add("start", {"pid": os.getpid(), "level": self._attempt.level, **self._facts})
        self._writer.flush()

    def _fork(self, job: Job) -> None:
        ours, theirs = socket.socketpair()
        out, out_end = os.pipe2(os.O_CLOEXEC)
        err, err_end = os.pipe2(os.O_CLOEXEC)
        self._job = os.fork()
        if self._job == 0:
            _become_job(self._sandbox, theirs, out_end, err_end, job)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.close(out_end)
        os.close(err_end)
        theirs.close()
        ours.setblocking(False)
        self._socket: Optional[socket.socket] = ours
        self._pipes = {out: "stdout", err: "stderr"}
        for pipe in self._pipes:
            os.set_blocking(pipe, False)
        self._process = os.pidfd_open(self._job)
        self._poll = select.poll()
        self._poll.register(self._wake, select.POLLIN)
        self._poll.register(self._process, select.POLLIN)
        self._is_reading = False
        self._set_reading(True)

    def _round(self) -> bool:
        """Waits for something to happen and deals with it; true when the job's process has ended."""
        self._set_reading(self._writer.has_room())
        ready = {descriptor for descriptor, _ in self._poll.poll(self._wait_time())}
        if self._wake in ready:
            self._on_signal()
        if self._is_reading:
            self._read_once()
        self._on_time()
        return self._process in ready

    def _read_once(self) -> bool:
        """Takes in what is there. The pipes are read after the socket but taken in before it: what a
        program wrote stands before what the host says afterwards. (The other order is kept by SYNC.)
        """
        data = self._receive()
        took = bool(data)
        for pipe, stream in list(self._pipes.items()):
            took = self._read_pipe(pipe, stream) or took
        if data:
            self._take_frames(data)
        self._writer.flush()
        return took

    def _receive(self) -> bytes:
        if self._socket is None:
            return b""
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except ConnectionResetError:
            data = b""
        if not data:
            self._poll.unregister(self._socket)
            self._socket.close()
            self._socket = None
        return data

    def _read_pipe(self, pipe: int, stream: str) -> bool:
        total = 0
        while total < _PIPE_ROUND:
            try:
                data = os.read(pipe, _CHUNK)
            except BlockingIOError:
                break
            if not data:
                self._poll.unregister(pipe)
                os.close(pipe)
                del self._pipes[pipe]
                break
            total += len(data)
            self._intake.output("pipe", stream, data)
        return total > 0

    def _take_frames(self, data: bytes) -> None:
        try:
            for kind, payload in self._reader.feed(data):
                if kind == SYNC:
                    self._acknowledge()
                else:
                    self._intake.frame(kind, payload)
        except FrameError as error:
            # Nothing after this can be understood: the job is not the host we started.
            self._intake.system("ERROR", f"the job broke the protocol of its socket: {error}")
            self._force(Verdict("failed", "user_error", f"the job broke the protocol of its socket: {error}"), grace=0)
            self._reader = FrameReader()

    def _acknowledge(self) -> None:
        if self._socket is not None:
            try:
                self._socket.send(b".")
            except OSError:
                pass  # the job is gone; poll will say so

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
        if self._memory.is_exceeded(self._job, moment):
            self._force(Verdict("failed", "oom", self._memory.message), grace=0)
        if self._kill_at is not None and moment >= self._kill_at:
            self._kill()

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
            try:
                os.killpg(self._job, signal.SIGTERM)
            except ProcessLookupError:  # its session is not made yet, or it has just gone
                _send(self._job, signal.SIGTERM)

    def _kill(self) -> None:
        self._kill_at = None
        for pid in linux.descendants(self._job) if self._attempt.level == "L0" else ():
            _send(pid, signal.SIGKILL)
        _send(self._job, signal.SIGKILL)

    def _finish(self) -> None:
        self._set_reading(True)
        _, status, usage = os.wait4(self._job, 0)
        self._kill_orphans()
        self._drain()
        self._intake.finish()
        verdict = judge(
            Ending(
                status,
                self._intake.is_done,
                self._intake.failure,
                self._forced,
                self._intake.step,
                oom_kills() > self._oom_before,
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
                "peakMemory": usage.ru_maxrss * 1024,
                "cpuSeconds": round(usage.ru_utime + usage.ru_stime, 6),
            },
        )

    def _kill_orphans(self) -> None:
        """What the job left running became our child. (At L1 it ended with the namespace.)"""
        orphans = linux.children(os.getpid())
        while orphans:
            for pid in orphans:
                for descendant in linux.descendants(pid):
                    _send(descendant, signal.SIGKILL)
                _send(pid, signal.SIGKILL)
            for pid in orphans:
                os.waitpid(pid, 0)
            orphans = linux.children(os.getpid())

    def _drain(self) -> None:
        """Takes in what the job wrote last. It is bounded by now, so a full disk does not hold it up."""
        while (self._socket is not None or self._pipes) and self._read_once():
            pass

    def _set_reading(self, reading: bool) -> None:
        if reading == self._is_reading:
            return
        self._is_reading = reading
        for descriptor in [*self._pipes, *([self._socket] if self._socket else [])]:
            if reading:
                self._poll.register(descriptor, select.POLLIN)
            else:
                self._poll.unregister(descriptor)

    def _wait_time(self) -> Optional[int]:
        moment = time.monotonic()
        ends = [self._deadline, self._memory.next_look(moment)]
        if self._kill_at is not None:
            ends.append(self._kill_at)
        if not self._is_reading:
            ends.append(moment + _POLL_WHEN_FULL)
        nearest = min(ends)
        return None if nearest == float("inf") else min(max(int((nearest - moment) * 1000) + 1, 0), 1 << 30)


def supervise(folder: str, facts: Dict[str, Any], job: Job) -> None:
    """Runs one attempt to its end. Called in a process just forked from the template, with SIGTERM
    blocked: a cancel must wait until the supervisor, and in the job until the host, has its handler.
    """
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    started = now()
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    _write_supervisor(directory)
    try:
        attempt = Attempt.read(folder)
        supervisor = Supervisor(attempt, directory, facts)
        supervisor.prepare()
    except (SetupError, SandboxError, OSError) as error:
        verdict = Verdict("failed", "env_setup", str(error))
        write_exit(directory, verdict, None, {"lastEvent": 0, "started": started, "ended": now()})
        return
    supervisor.run(job)


def _become_job(
    sandbox: Sandbox,
    connection: socket.socket,
    out: int,
    err: int,
    job: Job,
) -> NoReturn:
    """The first moments of the job's process, up to user code."""
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        os.dup2(out, 1)
        os.dup2(err, 2)
        linux.close_all_but(connection.fileno(), *sandbox.descriptors)
        if not _is_alive(connection):
            os._exit(1)
        sandbox.enter_job()
    except Exception as error:
        _say_setup_failed(connection, error)
        os._exit(1)
    gc.enable()
    job(sandbox, connection)


def _is_alive(connection: socket.socket) -> bool:
    """Whether the supervisor still holds its end: it may have died before we asked to die with it."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True


def _say_setup_failed(connection: socket.socket, error: Exception) -> None:
    known = isinstance(error, (SandboxError, OSError))
    message = {"k": "failed", "reason": "env_setup", "message": str(error)}
    if not known:
        message["traceback"] = traceback.format_exc()
    connection.sendall(pack(EVENT, json.dumps(message).encode()))


def _write_supervisor(directory: int) -> None:
    pid = os.getpid()
    identity = {"version": 1, "pid": pid, "started": linux.start_time(pid), "boot": linux.boot_id()}
    file_descriptor = os.open("supervisor.json.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644, dir_fd=directory)
    os.write(file_descriptor, json.dumps(identity).encode())
    os.close(file_descriptor)
    os.rename("supervisor.json.new", "supervisor.json", src_dir_fd=directory, dst_dir_fd=directory)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
