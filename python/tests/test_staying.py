"""Supervisors that stay and run one attempt after another."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from typing import Any, List

from harness import PACKAGE, Attempt, JobTest, Template, is_running, linux, wait_for_end, wait_until

NOTHING = "def main(): pass"
UNTIL_TOLD = "import os, time\ndef main():\n    print('up')\n    while not os.path.exists('go'): time.sleep(0.005)"


def _most_used(pid: int) -> int:
    """The greatest descriptor of a supervisor at rest: it closes those of an attempt after it has told the end."""
    seen: List[int] = []
    while len(seen) < 5 or len(set(seen[-5:])) > 1:
        seen.append(max(map(int, os.listdir(f"/proc/{pid}/fd"))))
        time.sleep(0.02)
    return seen[-1]


class StayingTests(JobTest):
    def setUp(self) -> None:
        super().setUp()
        self.template = Template()
        self.addCleanup(self.template.close)

    def after(self, before: Attempt, code: str = NOTHING, **facts: Any) -> Attempt:
        """A started attempt for which the supervisor of one that has ended is named."""
        return self.attempt(code, **facts).start(before.pid)

    def test_one_supervisor_runs_many_attempts_and_keeps_nothing_of_them(self) -> None:
        code = "import os, random\nos.environ['LEFT'] = 'here'\ndef main():\n    print(os.environ.get('OWN'), random.random())"
        first = self.finished(self.attempt(code, seed=1, environment={"OWN": "first"}))
        open_files = self.open_files(first)
        others: List[Attempt] = []
        for seed in (1, 2, 1):
            other = self.after(first, code, seed=seed, environment={"OWN": str(seed)})
            self.assertEqual("finished", other.finish()["outcome"])
            others.append(other)
        self.assertEqual([first.pid] * 3, [other.pid for other in others])
        drawn = [attempt.lines("stdout")[0].split() for attempt in [first, *others]]
        self.assertEqual(["first", "1", "2", "1"], [own for own, _ in drawn])
        self.assertEqual(drawn[0][1], drawn[1][1])
        self.assertEqual(drawn[1][1], drawn[3][1])
        self.assertNotEqual(drawn[1][1], drawn[2][1])
        wait_until(lambda: self.open_files(first) == open_files, f"as many open files as after the first: {open_files}")

    def open_files(self, attempt: Attempt) -> List[int]:
        """Of the supervisor and of the process that forks its jobs, while both wait."""
        processes = [attempt.pid, *linux.children(attempt.pid)]
        return [len(os.listdir(f"/proc/{pid}/fd")) for pid in processes]

    def test_cancel_that_came_too_late_does_not_reach_the_next_attempt(self) -> None:
        first = self.finished(self.attempt(NOTHING))
        for _ in range(3):
            os.kill(first.pid, signal.SIGTERM)
        second = self.after(first, UNTIL_TOLD)
        second.wait_for_line("up")
        (second.folder / "work" / "go").touch()
        self.assertEqual(("finished", first.pid), (second.finish()["outcome"], second.pid))

    def test_cancel_reaches_the_attempt_that_runs(self) -> None:
        first = self.finished(self.attempt(NOTHING))
        second = self.after(first, "import time\ndef main():\n    time.sleep(600)")
        os.kill(second.pid, signal.SIGTERM)  # it may not have begun yet
        self.assertEqual(("cancelled", first.pid), (second.finish()["outcome"], second.pid))
        self.assertEqual("finished", self.after(second).finish()["outcome"])

    def test_one_that_is_busy_or_gone_is_replaced(self) -> None:
        busy = self.attempt(UNTIL_TOLD).start()
        busy.wait_for_line("up")
        other = self.after(busy)
        self.assertEqual("finished", other.finish()["outcome"])
        self.assertNotEqual(busy.pid, other.pid)
        os.kill(other.pid, signal.SIGKILL)
        wait_for_end(other.pid)
        third = self.after(other)
        self.assertEqual("finished", third.finish()["outcome"])
        self.assertNotEqual(other.pid, third.pid)
        (busy.folder / "work" / "go").touch()
        self.assertEqual("finished", busy.finish()["outcome"])

    def test_job_ends_with_the_process_that_forked_it(self) -> None:
        attempt = self.attempt(UNTIL_TOLD).start()
        attempt.wait_for_line("up")
        job, (forker,) = attempt.process(), linux.children(attempt.pid)
        os.kill(forker, signal.SIGKILL)
        report = attempt.finish()
        self.assertEqual(("failed", "killed", signal.SIGKILL), (report["outcome"], report["reason"], report["signal"]))
        self.assertFalse(is_running(job))
        wait_for_end(attempt.pid)  # it has nothing to fork with any more

    def test_one_that_lost_the_process_that_forks_is_replaced(self) -> None:
        first = self.finished(self.attempt(NOTHING))
        (forker,) = linux.children(first.pid)
        os.kill(forker, signal.SIGKILL)
        wait_for_end(forker)
        self.assertEqual("finished", self.after(first).finish()["outcome"])

    def test_programs_do_not_inherit_the_jobs_wire(self) -> None:
        code = "import os\ndef main():\n    os.system('for number in 3 4 5 6; do { echo hello >&$number; } 2>/dev/null; done')"
        self.assertEqual([], self.finished(self.attempt(code)).lines("stdout"))

    def test_too_few_descriptors_are_reported_wherever_they_run_out(self) -> None:
        found = set()
        first = self.finished(self.attempt(NOTHING))
        for room in range(1, 9):
            resource.prlimit(first.pid, resource.RLIMIT_NOFILE, (_most_used(first.pid) + room, 4096))
            attempt = self.after(first)
            report = attempt.finish()
            found.add((report["outcome"], report["reason"]))
            if report["outcome"] == "failed":
                wait_for_end(attempt.pid)
                first = self.finished(self.attempt(NOTHING))
        self.assertEqual({("finished", None), ("failed", "env_setup")}, found)

    def test_what_was_forked_becomes_the_supervisors_own(self) -> None:
        attempt = self.attempt(NOTHING)
        (attempt.folder / "work").mkdir()
        supervisor = """
            import os, signal, socket, sys, time
            sys.path.insert(0, sys.argv[1])
            from alidade._host import forker, linux
            from alidade._host.attempt import Attempt
            from alidade._host.sandbox import Sandbox
            signal.alarm(60)
            linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
            forks = forker.Forker(lambda sandbox, connection: time.sleep(600))
            ours, theirs = socket.socketpair()
            job = forks.fork(Sandbox(Attempt.read(sys.argv[2])), (theirs.fileno(), 1, 2))
            forks.end()
            print(linux.children(os.getpid()) == [job], forks.is_there)
            os.kill(job, signal.SIGKILL)
        """
        command = [sys.executable, "-c", textwrap.dedent(supervisor), str(PACKAGE), str(attempt.folder)]
        self.assertEqual("True False\n", subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)

    def test_one_that_could_not_begin_does_not_stay(self) -> None:
        attempt = self.attempt(NOTHING, data={"gone": "/no/such/folder"}).start()
        self.assertEqual("env_setup", attempt.finish()["reason"])
        wait_for_end(attempt.pid)

    def test_it_ends_with_its_template(self) -> None:
        template = Template()
        attempt = self.finished(self.attempt(NOTHING, template=template))
        template.close()
        wait_for_end(attempt.pid)

    def test_only_unsandboxed_ones_stay(self) -> None:
        if "L1" not in self.template.ready["levels"]:
            self.skipTest("L1 does not work on this machine")
        attempt = self.attempt(NOTHING, level="L1").start(stays=True)
        self.assertIn("at L1 cannot stay", attempt.finish()["message"])

    def test_it_stays_only_when_it_is_asked_to(self) -> None:
        attempt = self.attempt(NOTHING).start(stays=False)
        self.assertEqual("finished", attempt.finish()["outcome"])
        wait_for_end(attempt.pid)

