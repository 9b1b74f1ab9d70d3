"""Every way in which user code ends, at every level: the table of docs/reference/attempt-folder.md."""

from __future__ import annotations

import os
import signal
import tempfile
import textwrap
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from harness import Attempt, JobTest, at_both_levels, at_every_level, linux, wait_until


class Row(NamedTuple):
    name: str
    body: str
    outcome: str
    reason: Optional[str]
    exit: Optional[int] = None
    signal: Optional[int] = None
    facts: Dict[str, Any] = {}
    act: Optional[Callable[[Attempt], None]] = None


def _kill_the_job(attempt: Attempt) -> None:
    attempt.wait_for_line("up")
    os.kill(attempt.process(), signal.SIGKILL)


def _cancel(attempt: Attempt) -> None:
    attempt.wait_for_line("up")
    os.kill(attempt.pid, signal.SIGTERM)


WAIT = "print('up', flush=True)\nwhile True:\n    time.sleep(600)"
DEAF = "for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):\n    signal.signal(number, signal.SIG_IGN)\n"

ROWS = [
    Row("returns", "pass", "finished", None, exit=0),
    Row("raises", "raise ValueError('no')", "failed", "user_error", exit=1),
    Row("exits with 0", "sys.exit(0)", "failed", "user_error", exit=0),
    Row("exits with 1", "sys.exit(1)", "failed", "user_error", exit=1),
    Row("leaves", "os._exit(0)", "failed", "user_error", exit=0),
    Row("leaves from a thread", "threading.Thread(target=os._exit, args=(7,)).start()\n" + WAIT, "failed", "user_error", exit=7),
    Row("sends itself SIGTERM", "os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(600)", "failed", "killed", exit=1),
    Row("is killed", WAIT, "failed", "killed", signal=signal.SIGKILL, act=_kill_the_job),
    Row("crashes", "ctypes.string_at(0)", "failed", "killed", signal=signal.SIGSEGV),
    Row("takes memory", "x = bytearray(500 << 20)", "failed", "oom", exit=1, facts={"limits": {"memory": 300 << 20}}),
    Row("forks and forks", "for _ in range(100):\n    if os.fork() == 0:\n        signal.pause()\nraise OSError('enough')", "failed", "user_error", exit=1),
    Row("leaves a daemon", "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        " + DEAF.replace("\n", "\n        ") + "time.sleep(600)\n    os._exit(0)\nos.wait()", "finished", None, exit=0),
    Row("ends when asked", WAIT, "cancelled", None, exit=1, act=_cancel, facts={"grace": 60.0}),
    Row("does not end when asked", DEAF + WAIT, "cancelled", None, signal=signal.SIGKILL, act=_cancel, facts={"grace": 0.2}),
    Row("stops itself when asked", "signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGSTOP))\n" + WAIT, "cancelled", None, signal=signal.SIGKILL, act=_cancel, facts={"grace": 0.2}),
    Row("takes too long", WAIT, "failed", "timeout", exit=1, facts={"timeout": 4.0, "grace": 60.0}),
    Row("fills the disk", "for number in range(1 << 30):\n    with open(f'file{number}', 'wb') as file:\n        file.write(bytes(1 << 20))\n    time.sleep(0.01)", "failed", "disk", signal=signal.SIGKILL, facts={"limits": {"disk": 8 << 20}}),
    Row("fills the disk with empty files", "os.makedirs('a/shut', 0o700)\nos.chmod('a/shut', 0o300)\nfor number in range(3000):\n    open(f'a/shut/{number}', 'wb').close()\n" + WAIT, "failed", "disk", signal=signal.SIGKILL, facts={"limits": {"disk": 8 << 20}}),
    Row("floods its log", "block = b'line\\n' * 100_000\nfor _ in range(20):\n    os.write(1, block)", "finished", None, exit=0, facts={"limits": {"logBytes": 100_000}}),
]


@at_both_levels
class SilenceTests(JobTest):
    def test_it_lives_as_long_as_its_worker_is_answered_and_no_longer(self) -> None:
        with tempfile.NamedTemporaryFile() as heard:
            attempt = self.attempt(_code(WAIT), silence={"file": heard.name, "limit": 2.0}).start()
            attempt.wait_for_line("up")
            for _ in range(50):
                os.utime(heard.name)
                time.sleep(0.1)
            self.assertTrue(linux.start_time(attempt.process()))
            report = attempt.finish()
        self.assertEqual(("lost", "killed"), (report["outcome"], report["reason"]))
        self.assertIn("no word of the server", report["message"])


@at_every_level
class ExitTests(JobTest):
    def test_every_exit_is_told_as_the_table_has_it_and_leaves_nothing(self) -> None:
        attempts: List[Attempt] = [self.attempt(_code(row.body), **row.facts).start() for row in ROWS]
        for row, attempt in zip(ROWS, attempts):
            if row.act is not None:
                row.act(attempt)
        for row, attempt in zip(ROWS, attempts):
            with self.subTest(row.name):
                report = attempt.finish()
                found = (report["outcome"], report["reason"], report["exit"], report["signal"])
                expected = (row.outcome, row.reason, row.exit, row.signal)
                self.assertEqual(expected, found, (report["message"], attempt.lines()[-5:]))
                self.assertEqual(report["lastEvent"], attempt.events()[-1]["n"])
                if row.name == "floods its log":
                    first, last = attempt.events("lost")
                    self.assertEqual((1, 2_000_000), (first["count"], last["count"] + len(attempt.lines("stdout"))))
        wait_until(lambda: not self.left(), "the end of what the jobs left")

    def left(self) -> List[int]:
        """Below the template there are supervisors, and below each, where it stays, the one that forks."""
        forkers = [linux.children(supervisor) for supervisor in linux.children(self.template.process.pid)]
        return [pid for found in forkers for pid in [*found[1:], *(child for first in found[:1] for child in linux.children(first))]]


def _code(body: str) -> str:
    return "import ctypes, os, signal, sys, threading, time\ndef main():\n" + textwrap.indent(body, "    ")
