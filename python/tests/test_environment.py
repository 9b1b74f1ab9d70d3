"""Environments made from a lock, with wheels of a local folder."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from typing import Any, List

from harness import PACKAGE, JobTest, Template, at_both_levels

SCRIPT = PACKAGE / "alidade" / "_host" / "environment.py"


def write_wheel(folder: Path, name: str, version: str, code: str) -> str:
    """A package of one module; the line of a lock that asks for it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Environment(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="alidade-environment-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.wheels = self.folder / "wheels"
        self.wheels.mkdir()

    def make(self, lock: str) -> "subprocess.CompletedProcess[str]":
        (self.folder / "lock.txt").write_text(lock)
        command = [sys.executable, "-I", str(SCRIPT), "--folder", str(self.folder / "made")]
        command += ["--lock", str(self.folder / "lock.txt"), "--wheels", str(self.wheels)]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_without_its_hash_nothing_is_installed(self) -> None:
        line = write_wheel(self.wheels, "greeting", "1.0", "text = 'hello'\n")
        for lock in ("greeting==1.0\n", line[:-3] + "00\n"):
            made = self.make(lock)
            self.assertEqual(1, made.returncode, made.stdout)
            self.assertIn("cannot be made: pip has failed", made.stdout)
            self.assertFalse((self.folder / "made" / "ready").exists())
            shutil.rmtree(self.folder / "made")

    def test_made_environments_serve_jobs_that_cannot_change_them(self) -> None:
        made = self.make(write_wheel(self.wheels, "greeting", "1.0", "text = 'hello'\n"))
        self.assertEqual(0, made.returncode, made.stdout)
        self.assertIn("Successfully installed greeting-1.0", made.stdout)
        template = Template(python=str(self.folder / "made" / "bin" / "python"))
        self.addCleanup(template.close)
        ready = json.loads((self.folder / "made" / "ready").read_text())
        self.assertEqual(ready["part"], template.ready["parts"][0], "its record does not depend on who runs it")
        for case in (RunsInIt, RunsInItAtL1):
            runner = case("check")
            runner.made, runner.template_of_it = self.folder / "made", template
            result = runner.run()
            self.assertTrue(result is None or result.wasSuccessful(), result and result.errors + result.failures)


class RunsInIt(JobTest):
    """Checked from the test above, with its template."""

    made: Path
    template_of_it: Template

    def check(self) -> None:
        warm = self.run_in_it(template=self.template_of_it)
        self.assertEqual(warm, self.run_in_it(interpreter={"executable": str(self.made / "bin" / "python"), "environment": "d"}), "started cold, behind the walls")

    def run_in_it(self, **facts: Any) -> List[str]:
        attempt = self.finished(
            self.attempt(
                f"""
    import greeting, sys, alidade
    def main():
        print(greeting.text, sys.prefix)
        print(hash("x"), sys.flags.isolated, [path for path in sys.path if path.endswith("_host")])
        try:
            open({str(self.made)!r} + "/new", "w")
        except OSError as error:
            print(error.errno)
""",
                **facts,
            )
        )
        lines = attempt.lines("stdout")
        self.assertEqual(f"hello {self.made}", lines[0])
        if self.level == "L1":
            self.assertEqual("30", lines[2])  # a read-only file system
        return lines


class RunsInItAtL1(RunsInIt):
    level = "L1"


@at_both_levels
class PreparationLogTests(JobTest):
    def test_the_supervisor_goes_on_after_what_the_agent_wrote(self) -> None:
        attempt = self.attempt("def main(): print('ran')")
        lines = [{"n": n, "t": 5, "k": "log", "s": "system", "l": "INFO", "m": f"preparing {n}"} for n in (1, 2)]
        (attempt.folder / "events" / "000001.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
        report = attempt.run()
        events = attempt.events()
        self.assertEqual("finished", report["outcome"])
        self.assertEqual(list(range(1, len(events) + 1)), [event["n"] for event in events])
        self.assertEqual((3, "start"), (events[2]["n"], events[2]["k"]))
        self.assertEqual(["preparing 1", "preparing 2", "ran"], attempt.lines())
        self.assertEqual(report["lastEvent"], events[-1]["n"])


