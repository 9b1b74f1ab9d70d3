"""The template as a process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import unittest
from typing import Any, Dict

from harness import JobTest, Template, environment, wait_for_end


class TemplateTests(JobTest):
    def start(self, *preload: str, **options: Any) -> Template:
        template = Template(preload, **options)
        self.addCleanup(template.close)
        return template

    def test_ready_line(self) -> None:
        template = self.start("json", "decimal")
        ready = template.ready
        self.assertTrue(ready["ready"] and ready["warm"])
        self.assertEqual(template.process.pid, ready["pid"])
        self.assertEqual("%d.%d.%d" % sys.version_info[:3], ready["python"])
        self.assertEqual("L0", ready["levels"][-1])
        self.assertEqual(0o600, os.stat(template.socket).st_mode & 0o777)

    def test_preload_that_cannot_be_imported_is_said_and_harmless(self) -> None:
        template = self.start("nowhere_to_find")
        self.assertEqual(["preload nowhere_to_find: ModuleNotFoundError: No module named 'nowhere_to_find'"], template.ready["notes"])
        attempt = self.finished(self.attempt("def main(): pass", template=template))
        self.assertEqual(template.ready["notes"], attempt.lines("system"))

    def test_preload_with_threads_starts_cold_and_says_so(self) -> None:
        python = environment(self, {"threaded.py": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()"})
        template = self.start("threaded", python=python)
        self.assertFalse(template.ready["warm"])
        self.assertEqual(["starts cold: the preloads left a thread running (threaded)"], template.ready["notes"])
        code = "import sys\ndef main():\n    print('threaded' in sys.modules)"
        attempt = self.finished(self.attempt(code, template=template))
        self.assertEqual(["False"], attempt.lines("stdout"))
        self.assertEqual(template.ready["notes"], attempt.lines("system"))

    def test_preload_that_brings_up_cuda_starts_cold_and_says_so(self) -> None:
        # A file in place of a device: the driver's trace in a process is that it holds one open.
        driver = """
            import os, sys, tempfile
            devices = tempfile.TemporaryDirectory()
            held = open(os.path.join(devices.name, "nvidiactl"), "w")
            (preloads,) = [module for name, module in sys.modules.items() if name.endswith("_host.preloads")]
            preloads.CUDA_DEVICES = os.path.join(os.path.realpath(devices.name), "nvidia")
        """
        template = self.start("driver", python=environment(self, {"driver.py": textwrap.dedent(driver)}))
        self.assertFalse(template.ready["warm"])
        self.assertEqual(["starts cold: the preloads opened a CUDA device (driver)"], template.ready["notes"])
        code = "import sys\ndef main():\n    print('driver' in sys.modules)"
        attempt = self.finished(self.attempt(code, template=template))
        self.assertEqual(["False"], attempt.lines("stdout"))
        self.assertEqual(template.ready["notes"], attempt.lines("system"))

    def test_real_dioptra_wins_over_the_stand_in(self) -> None:
        template = self.start(python=environment(self, {"dioptra.py": "name = 'real'", "structlog.py": "name = 'real'"}))
        code = "import dioptra, structlog\ndef main():\n    print(dioptra.name, structlog.name)"
        self.assertEqual(["real real"], self.finished(self.attempt(code, template=template)).lines())

    def test_environment_outside_the_system_is_used_at_every_level(self) -> None:
        template = self.start("library", python=environment(self, {"library.py": "print('imported')\nname = 'library'"}))
        code = """
            import library, subprocess, sys
            def main():
                print(library.name)
                subprocess.run(["python", "-c", "import library, sys; print(library.__file__ == sys.argv[1])", library.__file__])
        """
        for level in template.ready["levels"]:
            lines = self.finished(self.attempt(code, template=template, level=level)).lines()
            self.assertEqual(["library", "imported", "True"], lines, level)

    def test_bad_requests_are_answered(self) -> None:
        template = self.start()
        for text in ("{", "[]", "{}", '{"folder": "relative"}', '{"folder": "/no/such/folder"}'):
            self.assertIn("error", template.request(text), text)
        self.finished(self.attempt("def main(): pass", template=template))

    def test_template_ends_with_its_agent_and_the_job_goes_on(self) -> None:
        template = self.start()
        attempt = self.attempt(
            "import os, time\ndef main():\n    print('up')\n    while not os.path.exists('go'): time.sleep(0.005)", template=template
        ).start()
        attempt.wait_for_line("up")
        assert template.process.stdin is not None
        template.process.stdin.close()
        wait_for_end(template.process.pid)
        self.assertFalse(os.path.exists(template.socket))
        (attempt.folder / "work" / "go").touch()
        self.assertEqual("finished", attempt.finish()["outcome"])

    def test_supervisor_leaves_the_templates_session(self) -> None:
        attempt = self.attempt("import time\ndef main():\n    print('up')\n    time.sleep(600)").start()
        attempt.wait_for_line("up")
        self.assertEqual(attempt.pid, os.getsid(attempt.pid))
        shared = [os.readlink(f"/proc/{attempt.pid}/fd/{number}") for number in (0, 1, 2)]
        self.assertEqual([os.devnull] * 3, shared)
        os.kill(attempt.pid, 15)
        attempt.finish()

    def test_broken_supervisor_leaves_its_reason(self) -> None:
        attempt = self.attempt("def main(): pass")
        (attempt.folder / "events" / "000001.ndjson").touch()  # what the agent left has no last event
        attempt.start()
        wait_for_end(attempt.pid)
        self.assertFalse((attempt.folder / "exit.json").exists())
        self.assertIn("holds no event to go on from", (attempt.folder / "supervisor.log").read_text())

    @unittest.skipUnless(os.geteuid() == 0, "only root can start a template as another user")
    def test_ordinary_user_has_both_levels_too(self) -> None:
        try:
            subprocess.run([sys.executable, "-c", ""], user=12345, check=True)
        except PermissionError:
            self.skipTest(f"{sys.executable} lies where no other user can go")
        template = self.start(user=12345)
        levels = ["L1", "L1c", "L0"] if shutil.which("bwrap") else ["L1", "L0"]
        self.assertEqual(levels, template.ready["levels"], template.ready["notes"])
        for level in ("L1", "L0"):
            attempt = self.attempt("import os\ndef main():\n    print(os.getuid())", template=template, level=level)
            self.assertEqual(["1000" if level == "L1" else "12345"], self.finished(attempt).lines())
            self.assertEqual(12345, (attempt.folder / "exit.json").stat().st_uid)
