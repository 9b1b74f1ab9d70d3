"""How attempts end, and that they end truthfully whoever dies."""

from __future__ import annotations

import json
import os
import signal
import uuid
from pathlib import Path

from harness import Attempt, JobTest, Template, at_both_levels, processes_with, step, wait_for_end, wait_until


@at_both_levels
class EndingTests(JobTest):
    def test_exception_is_reported_without_our_frames(self) -> None:
        attempt = self.attempt(
            """
            def inner(eps):
                raise ValueError(f"eps must be positive, not {eps}")
            def main():
                try:
                    inner(-1)
                except ValueError as error:
                    raise RuntimeError("no attack") from error
            """
        )
        report = attempt.run()
        self.assertEqual(("failed", "user_error", 1, None), (report["outcome"], report["reason"], report["exit"], report["signal"]))
        self.assertEqual(("RuntimeError: no attack", "main"), (report["message"], report["step"]))
        self.assertNotIn("_host", report["traceback"])
        self.assertIn("in inner", report["traceback"])
        self.assertIn("ValueError: eps must be positive, not -1", report["traceback"])
        self.assertIn("_host", report["fullTraceback"])
        self.assertEqual("failed", attempt.events("step")[-1]["state"])
        self.assertIn("RuntimeError: no attack", [e["m"] for e in attempt.events("log") if e["l"] == "ERROR"])
        self.assertEqual(attempt.events()[-1]["n"], report["lastEvent"])

    def test_an_end_is_told_whatever_its_message_holds(self) -> None:
        # The first is what Python makes of a file name that is no UTF-8; the last is too long for any request.
        for message in ("'caf\\udce9'", "'a\\0b'", "'x' * 20_000_000"):
            attempt = self.attempt(f"def main():\n    raise ValueError({message})")
            report = attempt.run()
            self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]))
            json.dumps(report, ensure_ascii=False).encode("utf-8")
            self.assertLess(len(json.dumps(report)), 1_000_000)

    def test_exit_with_a_code_is_a_failure(self) -> None:
        report = self.attempt("import sys\ndef main():\n    sys.exit(3)").run()
        self.assertEqual(("failed", "user_error", 3), (report["outcome"], report["reason"], report["exit"]))
        self.assertIn("exit(3)", report["message"])

    def test_exit_with_zero_before_the_plan_is_done_is_a_failure(self) -> None:
        report = self.attempt("import sys\ndef main():\n    sys.exit(0)").run()
        self.assertEqual(("failed", "user_error", 0), (report["outcome"], report["reason"], report["exit"]))

    def test_process_that_leaves_in_the_middle_is_a_failure(self) -> None:
        attempt = self.attempt("import os\ndef main():\n    print('before')\n    os._exit(0)")
        report = attempt.run()
        self.assertEqual(("failed", "user_error", 0, "main"), (report["outcome"], report["reason"], report["exit"], report["step"]))
        self.assertIn("exit code 0 before the plan was done", report["message"])
        self.assertEqual(["before"], attempt.lines())

    def test_threads_and_exit_handlers_end_before_the_job(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import atexit, threading, time
                def main():
                    atexit.register(print, "handler")
                    threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
                """
            )
        )
        self.assertEqual(["thread", "handler"], attempt.lines())

    def test_a_forked_process_ends_as_a_program_does_and_says_nothing_of_the_job(self) -> None:
        code = """
            import atexit, os, sys
            def ended(pid):
                print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            def leave(how):
                print(how, end="; ")
                if how == "raise":
                    raise ValueError("in the child")
                if how != "return":
                    sys.exit({"0": 0, "3": 3, "none": None, "text": "a reason"}[how])
            def main():
                for how in ("0", "3", "none", "text", "raise", "return"):
                    pid = os.fork()
                    if pid == 0:
                        atexit.register(print, "handler")
                        return leave(how)
                    ended(pid)
            def later():
                print("later")
            """
        attempt = self.finished(self.attempt(code, [step("main", "main"), step("later", "later")]))
        told = [(event["step"], event["state"]) for event in attempt.events("step")]
        self.assertEqual([(name, state) for name in ("main", "later") for state in ("running", "finished")], told)
        ways = [("0", 0), ("3", 3), ("none", 0), ("text", 1), ("raise", 1), ("return", 0)]
        expected = [line for how, code in ways for line in (f"{how}; handler", str(code))]
        self.assertEqual([*expected, "later"], attempt.lines("stdout"))
        self.assertEqual("a reason", attempt.lines("stderr")[0])
        self.assertEqual("ValueError: in the child", attempt.lines("stderr")[-1])
        self.assertNotIn("_host", "".join(attempt.lines("stderr")))
        self.assertNotIn("ERROR", {event["l"] for event in attempt.events("log")})

    def test_hostile_exceptions_and_streams(self) -> None:
        attempt = self.attempt(
            """
            import subprocess, sys
            class Mute(Exception):
                def __str__(self):
                    raise RuntimeError("no text")
            def main():
                print("before", end="")
                sys.stdout.close()
                sys.stdout = sys.stderr = None
                subprocess.run(["true"], check=True)
                raise Mute("x" * (64 << 20))
            """
        )
        report = attempt.run()
        self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]))
        self.assertEqual("Mute: (its text cannot be shown)", report["message"])
        self.assertIn("before", attempt.lines())

    def test_endless_message_is_cut(self) -> None:
        report = self.attempt("def main():\n    raise ValueError('x' * (64 << 20))").run()
        self.assertEqual("user_error", report["reason"])
        self.assertLess(len(report["message"]), 5000)

    def test_job_killed_from_outside(self) -> None:
        attempt = self.attempt("import os, time\ndef main():\n    print('up')\n    time.sleep(600)").start()
        attempt.wait_for_line("up")
        os.kill(attempt.process(), signal.SIGKILL)
        report = attempt.finish()
        self.assertEqual(("failed", "killed", signal.SIGKILL), (report["outcome"], report["reason"], report["signal"]))
        self.assertEqual(("the process was ended by SIGKILL", "main"), (report["message"], report["step"]))

    def test_crash_in_native_code_leaves_a_trace_in_the_log(self) -> None:
        attempt = self.attempt("import ctypes\ndef main():\n    ctypes.string_at(0)")
        report = attempt.run()
        self.assertEqual(("killed", signal.SIGSEGV), (report["reason"], report["signal"]))
        self.assertIn("Fatal Python error: Segmentation fault", attempt.lines("stderr"))

    def test_killed_supervisor_takes_everything_with_it(self) -> None:
        mark = uuid.uuid4().hex
        attempt = self.attempt(_DAEMON, environment={"MARK": mark}).start()
        attempt.wait_for_line("up")
        job = attempt.process()
        os.kill(attempt.pid, signal.SIGKILL)
        wait_for_end(attempt.pid)
        wait_for_end(job)
        wait_until(lambda: not list(processes_with(mark)), "the end of the daemon")
        self.assertFalse((attempt.folder / "exit.json").exists())

    def test_job_outlives_its_template(self) -> None:
        template = Template()
        attempt = self.attempt(
            """
            import os, time
            def main():
                print("up")
                while not os.path.exists("go"):
                    time.sleep(0.005)
                print("done")
            """,
            template=template,
        ).start()
        attempt.wait_for_line("up")
        os.kill(template.ready["pid"], signal.SIGKILL)
        template.process.wait()
        (attempt.folder / "work" / "go").touch()
        self.assertEqual("finished", attempt.finish()["outcome"])
        self.assertEqual(["up", "done"], attempt.lines())
        template.close()

    def test_timeout(self) -> None:
        attempt = self.attempt("import time\ndef main():\n    time.sleep(600)", timeout=0.2)
        report = attempt.run()
        self.assertEqual(("failed", "timeout"), (report["outcome"], report["reason"]))
        self.assertEqual(("ran longer than its limit of 0.2 s", "main"), (report["message"], report["step"]))

    def test_cancel_lets_the_task_clean_up(self) -> None:
        attempt = self.attempt(
            """
            import time
            def main():
                try:
                    print("up")
                    time.sleep(600)
                except Exception:
                    print("must not be caught")
                finally:
                    print("cleaned up")
            """,
            grace=60,
        ).start()
        attempt.wait_for_line("up")
        os.kill(attempt.pid, signal.SIGTERM)
        report = attempt.finish()
        self.assertEqual(("cancelled", None), (report["outcome"], report["reason"]))
        self.assertEqual(["up", "cleaned up"], attempt.lines("stdout"))

    def test_cancel_at_any_moment_of_the_start_is_a_cancel(self) -> None:
        for _ in range(20):
            attempt = self.attempt("import time\ndef main():\n    time.sleep(600)", grace=60).start()
            os.kill(attempt.pid, signal.SIGTERM)
            self.assertEqual(("cancelled", None), (attempt.finish()["outcome"], attempt.finish()["reason"]))

    def test_cancel_leaves_nothing_of_a_job_that_ignores_it(self) -> None:
        mark = uuid.uuid4().hex
        attempt = self.attempt(_DAEMON, grace=0.2, environment={"MARK": mark}).start()
        attempt.wait_for_line("up")
        self.assertNotEqual([], list(processes_with(mark)))
        os.kill(attempt.pid, signal.SIGTERM)
        report = attempt.finish()
        self.assertEqual(("cancelled", signal.SIGKILL), (report["outcome"], report["signal"]))
        self.assertEqual([], list(processes_with(mark)))

    def test_processes_left_behind_end_with_the_job(self) -> None:
        mark = uuid.uuid4().hex
        attempt = self.attempt(_DAEMON.replace("time.sleep(600)", "pass"), environment={"MARK": mark}).start()
        self.assertEqual("finished", attempt.finish()["outcome"])
        self.assertEqual([], list(processes_with(mark)))

    def test_memory_limit(self) -> None:
        attempt = self.attempt("def main():\n    x = bytearray(400 << 20)", limits={"memory": 200 << 20})
        report = attempt.run()
        self.assertEqual(("failed", "oom"), (report["outcome"], report["reason"]))

    def test_memory_limit_holds_for_all_processes_together(self) -> None:
        attempt = self.attempt(
            """
            import multiprocessing, time
            def hold():
                x = b"x" * (60 << 20)
                time.sleep(600)
            def main():
                children = [multiprocessing.get_context("fork").Process(target=hold) for _ in range(4)]
                for child in children:
                    child.start()
                children[0].join()
            """,
            limits={"memory": 200 << 20},
        )
        report = attempt.run()
        self.assertEqual(("failed", "oom"), (report["outcome"], report["reason"]))
        self.assertIn("its limit is 200 MiB", report["message"])

    def test_report_counts_memory_and_time(self) -> None:
        attempt = self.attempt("def main():\n    x = b'x' * (64 << 20)\n    sum(range(2_000_000))")
        report = attempt.run()
        self.assertGreater(report["peakMemory"], 64 << 20)
        self.assertGreater(report["cpuSeconds"], 0)
        self.assertLessEqual(report["started"], report["ended"])


_DAEMON = """
import os, signal, subprocess, time
def main():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sh", ["sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done", os.environ["MARK"]])
        os._exit(0)
    os.wait()
    while subprocess.run(["grep", "-aqs", os.environ["MARK"], *CMDLINES()]).returncode:
        time.sleep(0.005)
    print("up", flush=True)
    time.sleep(600)

def CMDLINES():
    return [f"/proc/{name}/cmdline" for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
"""


class SetupTests(JobTest):
    """Attempts that cannot begin."""

    def test_unreadable_plan(self) -> None:
        attempt = self.attempt("")
        (attempt.folder / "plan.json").write_text("{")
        report = attempt.run()
        self.assertEqual(("failed", "env_setup", 0), (report["outcome"], report["reason"], report["lastEvent"]))
        self.assertIn("plan.json is not JSON", report["message"])

    def test_other_version(self) -> None:
        attempt = self.attempt("", number=1)
        attempt.write("plan.json", {"version": 9})
        self.assertIn("plan.json has version 9", attempt.run()["message"])

    def test_missing_member(self) -> None:
        attempt = self.attempt("")
        facts = json.loads((attempt.folder / "attempt.json").read_text())
        del facts["seed"]
        attempt.write("attempt.json", facts)
        self.assertIn("'seed' is missing", attempt.run()["message"])

    def test_reference_to_nothing_is_a_fault_of_the_plan(self) -> None:
        report = self.attempt("def main(x): pass", [step("s", "main", {"$": "ref", "v": {"step": "ghost"}})]).run()
        self.assertEqual("env_setup", report["reason"])
        self.assertIn("'ghost', which has not run", report["message"])

    def test_supervisor_names_itself_for_ever(self) -> None:
        attempt = self.attempt("def main():\n    print('up')\n    import time; time.sleep(600)").start()
        attempt.wait_for_line("up")
        identity = json.loads((attempt.folder / "supervisor.json").read_text())
        stat = Path(f"/proc/{attempt.pid}/stat").read_text().rpartition(")")[2].split()
        self.assertEqual((attempt.pid, int(stat[19])), (identity["pid"], identity["started"]))
        self.assertEqual(Path("/proc/sys/kernel/random/boot_id").read_text().strip(), identity["boot"])
        os.kill(attempt.pid, signal.SIGTERM)
        attempt.finish()
