"""Runs attempts through a real template, as an agent does."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import venv
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

PACKAGE = Path(__file__).resolve().parents[1]
# Where the package itself lies must be visible to a job: below /tmp when the repository was cloned there.
PACKAGE_IN_TMP = [PACKAGE.parts[2]] if PACKAGE.parts[1] == "tmp" else []
TEMPLATE = PACKAGE / "alidade" / "_host" / "template.py"
HAS_NUMPY = importlib.util.find_spec("numpy") is not None
ORDINARY = 12345
"""The id of a user who owns nothing."""
PATIENCE = 60.0
"""Seconds after which something that must happen has not."""

sys.path.insert(0, str(PACKAGE))
from alidade._host import linux  # noqa: E402


class Template:
    """A template process and its socket, in a folder of their own."""

    def __init__(
        self,
        preload: Sequence[str] = (),
        user: Optional[int] = None,
        python: str = sys.executable,
        change: Optional[Callable[[Path], None]] = None,
    ) -> None:
        """:param change: What is done to a copy of the package, which the template then is."""
        self.folder = Path(tempfile.mkdtemp(prefix="alidade-test-"))
        self.socket = str(self.folder / "socket")
        script, options = TEMPLATE, {}
        if user is not None or change is not None:
            # The checkout may lie where another user cannot go.
            copy = Path(shutil.copytree(PACKAGE / "alidade", self.folder / "alidade"))
            script = copy / "_host" / "template.py"
            if change is not None:
                change(copy)
        if user is not None:
            options = {"user": user, "group": user, "extra_groups": []}
            os.chown(self.folder, user, user)
            os.umask(0o022)
        command = [python, "-I", str(script), "--socket", self.socket]
        if preload:
            command += ["--preload", *preload]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        self.user = user
        assert self.process.stdout is not None
        self.ready: Dict[str, Any] = json.loads(self.process.stdout.readline())

    def request(self, text: str) -> Dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.socket)
            connection.sendall(text.encode() + b"\n")
            with connection.makefile() as file:
                return json.loads(file.readline())

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder)


@functools.lru_cache(maxsize=None)
def shared_template() -> Template:
    """One for all tests that do not harm it."""
    template = Template(["numpy"] if HAS_NUMPY else [])
    atexit.register(template.close)
    return template


@functools.lru_cache(maxsize=None)
def ordinary_template() -> Template:
    """One that does not run as root, for the level that root does not have."""
    template = Template(user=ORDINARY if os.geteuid() == 0 else None)
    atexit.register(template.close)
    return template


class Attempt:
    """An attempt's folder, and the process that runs it."""

    numbers = iter(range(1, 1 << 30))

    def __init__(self, template: Template, files: Dict[str, str], plan: Dict[str, Any], **facts: Any) -> None:
        self.number = next(Attempt.numbers)
        self.folder = template.folder / "attempts" / str(self.number)
        self.template = template
        self.level: str = facts.get("level", "L0")
        for name in ("plugins", "inputs", "events"):
            (self.folder / name).mkdir(parents=True)
        for path, text in files.items():
            target = self.folder / "plugins" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text))
        self.write("plan.json", {"version": 1, "entrypoint": {"id": 1, "snapshot": 1, "name": "test"}, **plan})
        self.write(
            "attempt.json",
            {"version": 1, "attempt": self.number, "job": 42, "number": 1, "fence": 1, "seed": 7, "grace": 1.0, "usageEvery": 0, **facts},
        )
        if template.user is not None:
            subprocess.run(["chown", "-R", f"{template.user}:{template.user}", str(self.folder)], check=True)

    def write(self, name: str, content: Any) -> None:
        (self.folder / name).write_text(json.dumps(content))

    def start(self, supervisor: Optional[int] = None, stays: Optional[bool] = None) -> "Attempt":
        """As an agent does: at L0 the supervisor stays, for an attempt that may come and names it then."""
        stays = self.level == "L0" if stays is None else stays
        facts = json.loads((self.folder / "attempt.json").read_text())
        kind = {name: facts[name] for name in ("level", "network") if name in facts}
        reply = self.template.request(json.dumps({"folder": str(self.folder), "stay": stays, "supervisor": supervisor, **kind}))
        self.pid: int = reply["pid"]
        return self

    def stop(self) -> None:
        """Ends what a failed test has left running."""
        identity = self.folder / "supervisor.json"
        if not identity.exists() or (self.folder / "exit.json").exists():
            return
        facts = json.loads(identity.read_text())
        try:
            if linux.start_time(facts["pid"]) == facts["started"]:
                os.kill(facts["pid"], signal.SIGTERM)
                self.wait()
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended without a word, as some tests want it

    def finish(self) -> Dict[str, Any]:
        """Waits for the end; what ``exit.json`` says."""
        self.wait()
        try:
            return json.loads((self.folder / "exit.json").read_text())
        except FileNotFoundError:
            log = self.folder / "supervisor.log"
            raise AssertionError(f"no exit.json; {log.read_text() if log.exists() else 'no supervisor.log'}") from None

    def wait(self) -> None:
        """Until there is a report, or the supervisor is gone."""
        if self.level == "L0":
            wait_until(lambda: (self.folder / "exit.json").exists() or not is_running(self.pid), "the attempt's end")
        else:
            wait_for_end(self.pid)

    def process(self) -> int:
        """The process of user code, as the machine numbers it, once it runs."""
        found = linux.children(self.pid)[0]
        if self.level == "L0":  # the first is the supervisor's copy of the template
            return linux.children(found)[0]
        # Behind bubblewrap it is the first process's child.
        return found if self.level == "L1" else linux.children(linux.children(found)[0])[0]

    def run(self) -> Dict[str, Any]:
        return self.start().finish()

    def events(self, kind: Optional[str] = None) -> List[Dict[str, Any]]:
        found = []
        for file in sorted((self.folder / "events").iterdir()):
            lines = file.read_bytes().split(b"\n")
            found += [json.loads(line) for line in lines[:-1]]
        return [event for event in found if kind is None or event["k"] == kind]

    def lines(self, *streams: str) -> List[str]:
        return [event["m"] for event in self.events("log") if not streams or event["s"] in streams]

    def wait_for_line_like(self, start: str) -> None:
        wait_until(lambda: any(line.startswith(start) for line in self.lines()), f"a line like {start!r}")

    def wait_for_line(self, text: str) -> None:
        wait_until(lambda: text in self.lines(), f"the line {text!r}; there are {self.lines()}")


def step(name: str, function: str, *args: Any, outputs: Sequence[str] = (), after: Sequence[str] = (), **kwargs: Any) -> Dict[str, Any]:
    """A step of a plan whose function stands in ``plug/tasks.py``."""
    return {
        "name": name,
        "task": function,
        "module": "plug.tasks",
        "function": function,
        "args": list(args),
        "kwargs": kwargs,
        "outputs": list(outputs),
        "after": list(after),
    }


def ref(**reference: str) -> Dict[str, Any]:
    return {"$": "ref", "v": reference}


def wait_for_end(pid: int) -> None:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(process, select.POLLIN)
        if not poll.poll(PATIENCE * 1000):
            raise AssertionError(f"process {pid} did not end within {PATIENCE:g} s")
    finally:
        os.close(process)


def is_running(pid: int) -> bool:
    try:
        return linux.stat(pid)[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError(f"waited {PATIENCE:g} s for {what}")
        time.sleep(0.005)


def processes_with(text: str) -> Iterator[int]:
    """Processes whose command line contains a text."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if text.encode() in Path(f"/proc/{name}/cmdline").read_bytes():
                yield int(name)
        except (FileNotFoundError, ProcessLookupError):
            pass


def environment(test: unittest.TestCase, modules: Dict[str, str]) -> str:
    """A virtual environment with these modules in it; its interpreter."""
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    os.chmod(folder.name, 0o755)
    venv.create(folder.name, symlinks=True)
    (site,) = Path(folder.name).glob("lib/python3*/site-packages")
    for name, text in modules.items():
        (site / name).write_text(text)
    return os.path.join(folder.name, "bin", "python")


class JobTest(unittest.TestCase):
    """A test that runs jobs at one isolation level."""

    level = "L0"

    def setUp(self) -> None:
        self.template = ordinary_template() if self.level == "L1c" else shared_template()
        if self.level not in self.template.ready["levels"]:
            self.skipTest(f"{self.level} does not work on this machine: {self.template.ready['notes']}")

    def attempt(self, code: str, steps: Optional[List[Dict[str, Any]]] = None, **facts: Any) -> Attempt:
        """An attempt of the functions in ``code``; without steps it calls ``main()``."""
        plan = {member: facts.pop(member) for member in ("parameters", "inputs", "outputs") if member in facts}
        files = {"plug/__init__.py": "", "plug/tasks.py": code, **facts.pop("files", {})}
        plan["steps"] = [step("main", "main")] if steps is None else steps
        attempt = Attempt(facts.pop("template", self.template), files, plan, **{"level": self.level, **facts})
        self.addCleanup(attempt.stop)
        return attempt

    def finished(self, attempt: Attempt) -> Attempt:
        report = attempt.run()
        self.assertEqual(("finished", None), (report["outcome"], report["reason"]), (report, attempt.lines()))
        return attempt


def at_both_levels(case: type) -> type:
    """Makes a subclass of the test case for L1, in the module of the first."""
    return _also_at(case, "L1")


def at_every_level(case: type) -> type:
    """For L1c too, where each job takes as long as the start of an interpreter."""
    return _also_at(_also_at(case, "L1"), "L1c")


def _also_at(case: type, level: str) -> type:
    name = f"{case.__name__}At{level}"
    derived = type(name, (case,), {"level": level, "__module__": case.__module__})
    sys.modules[case.__module__].__dict__[name] = derived
    return case
