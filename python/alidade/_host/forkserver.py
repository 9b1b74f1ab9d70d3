"""The template's work: imports, the ready line, and a fork per request."""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any, Dict, List, NamedTuple, NoReturn, Optional, Sequence

from .. import __version__
from . import facts, linux, preloads, probe
from .attempts import run_attempts
from .host import Host
from .orders import Kept, NoAnswer, Order, Orders

_REQUEST_LIMIT = 16 * 1024
_IDLE_MILLISECONDS = 5
_REQUEST_SECONDS = 2.0
_KEEP_SECONDS = 10.0


class Request(NamedTuple):
    order: Order
    supervisor: Optional[int]
    """One that stayed, to be used again; whoever names it has let go of its last attempt."""
    network: Optional[bool]
    """Of an attempt at L1, whether it has one."""


class ForkServer:
    """Answers requests one after another.

    While there is nothing to do it keeps one supervisor forked and waiting, so that a request finds the
    costlier half of its work done; requests that come thick and fast fork for themselves, unless they name a
    supervisor that stayed. One that stays and is not used again ends after a while.

    The one that waits is made for an attempt like the last: at L1 it lays the ground of the sandbox, and gets no
    order before it has. It ends unused where another kind of attempt comes.
    """

    def __init__(self, path: str, facts: Dict[str, Any], notes: Sequence[str]) -> None:
        self._path = path
        self._facts = facts
        self._notes = notes
        self._host = Host()
        self._supervisors: Dict[int, Kept] = {}
        self._spare: Optional[int] = None
        self._spare_network: Optional[bool] = None
        self._last_network: Optional[bool] = None
        self._next_look = 0.0
        self._null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        self._listener = socket.socket(socket.AF_UNIX)
        _unlink(path)
        self._listener.bind(path)
        os.chmod(path, 0o600)
        self._listener.listen(128)
        self._wake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Until standard input closes."""
        poll = select.poll()
        for descriptor in (0, self._listener.fileno(), self._wake):
            poll.register(descriptor, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(self._patience())}
            if self._wake in ready:
                self._reap()
            if self._listener.fileno() in ready:
                self._answer()
            if 0 in ready and not os.read(0, 4096):
                _unlink(self._path)
                return
            if not ready and self._spare is None and preloads.thread_count() == 1:
                self._spare_network = self._last_network
                self._spare = self._fork(self._spare_network)
            if time.monotonic() >= self._next_look:
                self._end_idle()

    def _patience(self) -> Optional[int]:
        """Milliseconds until something is to be done though nobody asks."""
        if self._spare is None:
            return _IDLE_MILLISECONDS
        if len(self._supervisors) == 1:
            return None
        return max(0, int((self._next_look - time.monotonic()) * 1000) + 1)

    def _end_idle(self) -> None:
        moment = time.monotonic()
        self._next_look = moment + _KEEP_SECONDS
        for pid, kept in list(self._supervisors.items()):
            if pid != self._spare and kept.was_idle_for(moment, _KEEP_SECONDS):
                kept.close()

    def _answer(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            try:
                connection.settimeout(_REQUEST_SECONDS)
                reply: Dict[str, Any] = {"pid": self._start(_read_request(connection))}
            except NoAnswer:
                return  # who asked must find out by itself
            except (OSError, ValueError) as error:
                reply = {"error": str(error)}
            try:
                connection.sendall(json.dumps(reply).encode() + b"\n")
            except OSError:
                pass  # who asked is gone; it finds the attempt by its folder

    def _start(self, request: Request) -> int:
        """Hands the attempt to a supervisor; its process id."""
        order, named, network = request
        self._last_network = network
        if named in self._supervisors and self._supervisors[named].give_next(order):
            return named
        if self._spare is not None:
            spare, self._spare = self._spare, None
            kept, laid = self._supervisors[spare], self._spare_network
            is_fit = laid is None or (laid == network and kept.is_ready())
            if is_fit and kept.give(order):
                return spare
            kept.close()
        threads = preloads.thread_count()
        if threads > 1:
            raise OSError(f"the template has {threads} threads and cannot be forked safely; start a new one")
        fresh = self._fork()
        if not self._supervisors[fresh].give(order):
            raise OSError("the supervisor ended before it began")
        return fresh

    def _fork(self, network: Optional[bool] = None) -> int:
        """A supervisor that waits for its attempt; its process id. See ``run_attempts``."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # see supervise
        pid = os.fork()
        if pid == 0:
            self._become_supervisor(theirs, network)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        theirs.close()
        self._supervisors[pid] = Kept(ours)
        return pid

    def _become_supervisor(self, wire: socket.socket, network: Optional[bool]) -> NoReturn:
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for name in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(name, signal.SIG_DFL)
            for descriptor in (0, 1, 2):
                os.dup2(self._null, descriptor)
            linux.close_all_but(wire.fileno())
            run_attempts(Orders(wire), self._facts, self._host.run, self._notes, network)
            code = 0
        finally:
            os._exit(code)

    def _reap(self) -> None:
        try:
            while os.read(self._wake, 4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            ended = self._supervisors.pop(pid, None)
            if ended is not None:
                ended.close()
            if pid == self._spare:
                self._spare = None
                if status != 0:
                    # The next might end so too: an attempt makes all for itself then, and can say what is wrong.
                    self._last_network = None
            elif ended is None or status != 0:
                self._kill_orphans()

    def _kill_orphans(self) -> None:
        """A supervisor that was killed could not end what its job had left running; it is ours now."""
        for pid in linux.children(os.getpid()):
            if pid not in self._supervisors:
                for descendant in [pid, *linux.descendants(pid)]:
                    try:
                        os.kill(descendant, signal.SIGKILL)
                    except ProcessLookupError:
                        pass


def main() -> int:
    parser = argparse.ArgumentParser(prog="template.py", allow_abbrev=False)
    parser.add_argument("--socket", required=True, help="path of the Unix socket to listen on")
    parser.add_argument("--preload", action="extend", nargs="+", default=[], help="modules to import before forking")
    parser.add_argument("--note", action="append", default=[], help=argparse.SUPPRESS)
    options = parser.parse_args()

    # A Ctrl-C at the agent's terminal reaches us too, and is meant for the agent, which drains first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a preload prints must not stand in the ready line's way.
    answer = os.dup(1)
    os.dup2(2, 1)
    notes: List[str] = options.note
    notes += preloads.load(options.preload)
    obstacle = preloads.obstacle()
    if obstacle:
        _start_cold(options, [*notes, f"starts cold: {obstacle} ({', '.join(options.preload)})"], answer)
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    levels, reasons = probe.levels(os.path.dirname(os.path.abspath(options.socket)))
    parts = facts.parts()
    server = ForkServer(options.socket, _start_facts(parts), tuple(notes))
    gc.collect()
    gc.disable()
    gc.freeze()
    ready = {
        "ready": True,
        "pid": os.getpid(),
        "python": _python_version(),
        "executable": sys.executable,
        "levels": levels,
        "warm": bool(options.preload) and not options.note,
        "notes": notes + reasons,
        "pip": _can_make_environments(),
        "parts": [{"kind": part.kind, "digest": part.digest, "body": part.body} for part in parts],
    }
    os.write(answer, json.dumps(ready).encode() + b"\n")
    os.close(answer)
    server.serve()
    return 0


def _start_cold(options: argparse.Namespace, notes: Sequence[str], answer: int) -> NoReturn:
    """Starts this program again without preloads: jobs then import for themselves."""
    arguments = ["--socket", options.socket]
    for text in notes:
        arguments += ["--note", text]
    os.dup2(answer, 1)
    template = os.path.join(os.path.dirname(os.path.abspath(__file__)), "template.py")
    os.execv(sys.executable, [sys.executable, "-I", template, *arguments])


def _read_request(connection: socket.socket) -> Request:
    data = b""
    while not data.endswith(b"\n"):
        block = connection.recv(_REQUEST_LIMIT)
        if not block or len(data) > _REQUEST_LIMIT:
            raise ValueError("a request is one line of JSON")
        data += block
    request = json.loads(data)
    folder = request.get("folder") if isinstance(request, dict) else None
    if not isinstance(folder, str) or not os.path.isabs(folder) or not os.path.isdir(folder):
        raise ValueError(f"folder {folder!r} is no absolute path of an existing folder")
    supervisor = request.get("supervisor")
    return Request(
        Order(folder, request.get("stay") is True),
        supervisor if isinstance(supervisor, int) else None,
        request.get("network") is True if request.get("level") == "L1" else None,
    )


def _can_make_environments() -> bool:
    has = {name: importlib.util.find_spec(name) is not None for name in ("venv", "pip", "ensurepip")}
    return has["venv"] and (has["pip"] or has["ensurepip"])


def _start_facts(parts: Sequence[facts.Part]) -> Dict[str, Any]:
    """What every start event of this template says; the rest of it stands behind the digests."""
    return {
        "python": _python_version(),
        "executable": sys.executable,
        "host": os.uname().nodename,
        "alidade": __version__,
        **{part.kind: part.digest for part in parts},
    }


def _python_version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
