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
import traceback
from typing import Any, Dict, List, NoReturn, Optional, Sequence, Set, Tuple

from .. import __version__
from . import facts, host, linux, preloads, probe
from .supervisor import introduce, supervise

_REQUEST_LIMIT = 16 * 1024
_IDLE_MILLISECONDS = 5
_REQUEST_SECONDS = 2.0


class ForkServer:
    """Answers requests one after another.

    While there is nothing to do it keeps one supervisor forked and waiting, so that a request finds the
    costlier half of its work done; requests that come thick and fast fork for themselves.
    """

    def __init__(self, path: str, facts: Dict[str, Any], notes: Sequence[str]) -> None:
        self._path = path
        self._facts = facts
        self._notes = notes
        self._supervisors: Set[int] = set()
        self._spare: Optional[Tuple[int, int]] = None
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
            ready = {descriptor for descriptor, _ in poll.poll(_IDLE_MILLISECONDS if self._spare is None else None)}
            if self._wake in ready:
                self._reap()
            if self._listener.fileno() in ready:
                self._answer()
            if 0 in ready and not os.read(0, 4096):
                _unlink(self._path)
                return
            if not ready and preloads.thread_count() == 1:
                self._spare = self._fork()

    def _answer(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            try:
                connection.settimeout(_REQUEST_SECONDS)
                reply: Dict[str, Any] = {"pid": self._start(_read_request(connection))}
            except (OSError, ValueError) as error:
                reply = {"error": str(error)}
            try:
                connection.sendall(json.dumps(reply).encode() + b"\n")
            except OSError:
                pass  # who asked is gone; it finds the attempt by its folder

    def _start(self, folder: str) -> int:
        """Hands the attempt to a supervisor; its process id."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            if self._hand(spare, folder):
                return spare[0]
        threads = preloads.thread_count()
        if threads > 1:
            raise OSError(f"the template has {threads} threads and cannot be forked safely; start a new one")
        fresh = self._fork()
        if not self._hand(fresh, folder):
            raise OSError("the supervisor ended before it began")
        return fresh[0]

    def _hand(self, supervisor: Tuple[int, int], folder: str) -> bool:
        pid, order = supervisor
        try:
            os.write(order, folder.encode("utf-8", "surrogateescape"))
        except BrokenPipeError:
            return False
        finally:
            os.close(order)
        return True

    def _fork(self) -> Tuple[int, int]:
        """A supervisor that waits for its attempt; its process id and the pipe to say which."""
        reader, order = os.pipe2(os.O_CLOEXEC)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # see supervise
        pid = os.fork()
        if pid == 0:
            self._become_supervisor(reader)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.close(reader)
        self._supervisors.add(pid)
        return pid, order

    def _become_supervisor(self, order: int) -> NoReturn:
        code, folder = 1, ""
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for name in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(name, signal.SIG_DFL)
            for descriptor in (0, 1, 2):
                os.dup2(self._null, descriptor)
            linux.close_all_but(order)
            identity = introduce()
            folder = os.read(order, _REQUEST_LIMIT).decode("utf-8", "surrogateescape")
            os.close(order)
            if folder:  # nothing is said when the template has ended
                supervise(folder, identity, self._facts, host.run, self._notes)
            code = 0
        except BaseException:
            # No exit.json: the attempt is lost, and this says why.
            with open(os.path.join(folder, "supervisor.log"), "a", encoding="utf-8") as file:
                traceback.print_exc(file=file)
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
            if pid in self._supervisors:
                self._supervisors.discard(pid)
                if self._spare is not None and self._spare[0] == pid:
                    os.close(self._spare[1])
                    self._spare = None
                elif status != 0:
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


def _read_request(connection: socket.socket) -> str:
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
    return folder


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
