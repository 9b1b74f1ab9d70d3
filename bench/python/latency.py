"""Time from a request to the template to the first line of user code, and to the end, beside the bare fork.

    python3 bench/python/latency.py [--jobs N] [--preload numpy ...]

Prints one line of JSON: milliseconds as [median, 99th percentile], jobs per second with two at a time, and
milliseconds of processor time per job, of all processes that serve it. The floor is a fork server that preloads
the same and forks once per request, with no supervisor and no files; at L1 the forked process enters the sandbox
that a job gets. Two of them at once show what the second processor adds: on a machine where the copying of pages
does not scale, nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Tuple

TEMPLATE = Path(__file__).resolve().parents[2] / "python" / "alidade" / "_host" / "template.py"

FLOOR = """
import gc, importlib, os, socket, sys, time
path, package, attempt = sys.argv[1:4]
for name in sys.argv[4:]:
    importlib.import_module(name)
sandbox = None
if attempt:
    sys.path.append(package)
    from alidade._host import layout, namespaces, seccomp
    from alidade._host.attempt import Attempt
    layout.system()
    seccomp.program(os.uname().machine)
    sandbox = namespaces.Namespaces(Attempt(folder=attempt, attempt=0, job=0, seed=0, level="L1"))
gc.collect(); gc.freeze(); gc.disable()
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen(128)
print("ready", flush=True)

def work(connection):
    connection.sendall(b"%d\\n" % (time.monotonic_ns() // 1000))
    os._exit(0)

while True:
    connection, _ = listener.accept()
    child = os.fork()
    if child == 0:
        if sandbox is None:
            work(connection)
        # The process that enters the namespaces is not in the new pid namespace; its child is.
        sandbox.enter_supervisor()
        job = os.fork()
        if job == 0:
            sandbox.enter_job()
            work(connection)
        os.waitpid(job, 0)
        os._exit(0)
    connection.close()
    os.waitpid(child, 0)
"""
IDLE = 0.02  # between measured jobs: latency is that of a worker that waits
TASK = "import time\ndef main():\n    print(time.monotonic_ns() // 1000)\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--preload", nargs="*", default=["numpy"])
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="alidade-bench-"))
    try:
        result: Dict[str, Any] = {"jobs": options.jobs, "preload": options.preload, "floor": floor(folder, options)}
        with subprocess.Popen(
            [sys.executable, "-I", str(TEMPLATE), "--socket", str(folder / "socket"), "--preload", *options.preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as template:
            ready = json.loads(template.stdout.readline())  # type: ignore[union-attr]
            if "L1" in ready["levels"]:
                result["floorL1"] = floor(folder, options, isolated=True)
            for level in sorted(ready["levels"]):
                result[level] = measure(folder, level, options.jobs, template.pid)
            template.stdin.close()  # type: ignore[union-attr]
        result["notes"] = ready["notes"]
        print(json.dumps(result))
    finally:
        shutil.rmtree(folder)


def floor(folder: Path, options: argparse.Namespace, isolated: bool = False) -> Dict[str, Any]:
    path, attempt = str(folder / f"floor-{isolated}"), folder / "isolated"
    if isolated:
        for name in ("plugins", "inputs", "events"):
            (attempt / name).mkdir(parents=True)
    package = str(TEMPLATE.parents[2])
    arguments = [package, str(attempt) if isolated else "", *options.preload]
    with fork_server(path, arguments) as server, fork_server(f"{path}-2", arguments):
        first = [bare_job(path) for _ in range(options.jobs)]
        used, begin = processor_time(server.pid), time.monotonic()
        for _ in range(options.jobs):
            bare_job(path)
        rate = options.jobs / (time.monotonic() - begin)
        used = processor_time(server.pid) - used
        begin = time.monotonic()
        with ThreadPoolExecutor(2) as both:
            list(both.map(bare_job, [path, f"{path}-2"] * options.jobs))
        two = 2 * options.jobs / (time.monotonic() - begin)
    return {
        "firstLine": summary(first),
        "perSecond": round(rate, 1),
        "twoPerSecond": round(two, 1),
        "processor": round(used / options.jobs, 2),
    }


@contextmanager
def fork_server(path: str, arguments: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-I", "-c", FLOOR, path, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        server.stdout.readline()  # type: ignore[union-attr]
        try:
            yield server
        finally:
            server.kill()


def bare_job(path: str) -> float:
    begin = microseconds()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        return int(connection.makefile().readline()) - begin


def measure(folder: Path, level: str, jobs: int, template: int) -> Dict[str, Any]:
    attempts = Attempts(folder / "socket", folder / level, level)
    first: List[float] = []
    ended: List[float] = []
    for number in range(jobs):
        attempts.lay_out(number)
    for number in range(jobs):
        time.sleep(IDLE)
        begin = microseconds()
        attempts.start(number)
        attempts.wait(0)
        ended.append(microseconds() - begin)
        first.append(attempts.printed(number) - begin)
    for number in range(jobs, 2 * jobs):
        attempts.lay_out(number)
    used, start = processor_time_below(template), time.monotonic()
    for number in range(jobs, 2 * jobs):
        attempts.start(number)
        attempts.wait(1)
    attempts.wait(0)
    rate = jobs / (time.monotonic() - start)
    time.sleep(IDLE)  # the time of those that end is the template's once they are waited for
    used = (processor_time_below(template) - used) / jobs
    return {
        "firstLine": summary(first),
        "finished": summary(ended),
        "perSecond": round(rate, 1),
        "processor": round(used, 2),
    }


class Attempts:
    """Runs attempts as an agent does, which looks for their report; at L0 with supervisors that stay."""

    LOOK = 0.0005

    def __init__(self, address: Path, folder: Path, level: str) -> None:
        self._address, self._folder, self._level = str(address), folder, level
        self._running: Dict[int, int] = {}
        self._free: List[int] = []

    def lay_out(self, number: int) -> None:
        folder = self._folder / str(number)
        for name in ("plugins/bench", "inputs", "events"):
            (folder / name).mkdir(parents=True)
        (folder / "plugins" / "bench" / "task.py").write_text(TASK)
        step = {"name": "s", "task": "main", "module": "bench.task", "function": "main"}
        (folder / "plan.json").write_text(json.dumps({"version": 1, "entrypoint": {"name": "bench"}, "steps": [step]}))
        facts = {"version": 1, "attempt": number, "job": number, "seed": number, "level": self._level}
        (folder / "attempt.json").write_text(json.dumps(facts))

    def start(self, number: int) -> None:
        request: Dict[str, Any] = {"folder": str(self._folder / str(number)), "stay": self._level == "L0"}
        request |= {"level": self._level, "network": False}
        if self._free:
            request["supervisor"] = self._free.pop()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self._address)
            connection.sendall(json.dumps(request).encode() + b"\n")
            self._running[number] = json.loads(connection.makefile().readline())["pid"]

    def wait(self, until: int) -> None:
        """Until no more than so many run."""
        while len(self._running) > until:
            for number in [number for number in self._running if (self._folder / str(number) / "exit.json").exists()]:
                supervisor = self._running.pop(number)
                if self._level == "L0":
                    self._free.append(supervisor)
            time.sleep(self.LOOK)

    def printed(self, number: int) -> int:
        attempt = self._folder / str(number)
        report = json.loads((attempt / "exit.json").read_text())
        if report["outcome"] != "finished":
            raise SystemExit(f"{attempt.name}: {report}")
        events = map(json.loads, (attempt / "events" / "000001.ndjson").read_text().splitlines())
        return int(next(event["m"] for event in events if event["k"] == "log"))


def processor_time(pid: int) -> float:
    """Milliseconds that a process and the children it has waited for have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * 1000 / os.sysconf("SC_CLK_TCK")


def processor_time_below(pid: int) -> float:
    """That of the process and of all that live below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return processor_time(pid) + sum(map(processor_time_below, map(int, children)))


def microseconds() -> int:
    return time.monotonic_ns() // 1000


def summary(values: Sequence[float]) -> Tuple[float, float]:
    ordered = sorted(values)
    return round(ordered[len(ordered) // 2] / 1000, 2), round(ordered[int(len(ordered) * 0.99)] / 1000, 2)


if __name__ == "__main__":
    main()
