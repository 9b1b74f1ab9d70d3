"""Steps that are commands, steps with a time limit, and what the platform measures meanwhile."""

from __future__ import annotations

import os
import tempfile
import unittest
from typing import Any
from unittest import mock

from harness import PACKAGE, JobTest, at_both_levels, at_every_level, ref, step

from alidade._host.traffic import Traffic, _disk
from alidade._host.usage import Cards


def command(name: str, *arguments: object, **variables: object) -> dict:
    """A step as the task ``command`` compiles to."""
    return {**step(name, "run", *arguments, **variables), "module": "alidade._host.command", "task": "command"}


def program(name: str, path: object) -> dict:
    """The same of a list of one."""
    return {**command(name, path), "function": "program"}


@at_both_levels
class CommandTests(JobTest):
    def test_arguments_variables_and_output(self) -> None:
        attempt = self.finished(
            self.attempt(
                "",
                [
                    command("listed", "printf", "%s|%s|%s\\n", "two words", ref(parameter="eps"), [1, True]),
                    command("shell", 'echo "eps is $EPS, job $ALIDADE_JOB_ID" | tr a-z A-Z', EPS=ref(parameter="eps")),
                    command("own", "python3", "-c", "import plug.tasks, sys; print(plug.tasks.__file__, file=sys.stderr)"),
                ],
                parameters={"eps": 0.25},
            )
        )
        events = [(event["step"], event["s"], event["m"]) for event in attempt.events("log")]
        self.assertEqual(("listed", "stdout", "two words|0.25|[1, true]"), events[0])
        self.assertEqual(("shell", "stdout", "EPS IS 0.25, JOB 42"), events[1])
        self.assertEqual(("own", "stderr"), events[2][:2])
        self.assertTrue(events[2][2].endswith("/plugins/plug/tasks.py"), events)

    def test_the_exit_code_is_the_outcome(self) -> None:
        for arguments, expected in (
            (("exit 3",), "CommandError: 'exit 3' ended with exit code 3"),
            (("sh", "-c", "kill -9 $$"), "CommandError: 'sh -c kill -9 $$' was ended by SIGKILL"),
            (("no-such-program", "x"), "CommandError: 'no-such-program' cannot be started: No such file or directory"),
        ):
            report = self.attempt("", [command("only", *arguments)]).run()
            self.assertEqual(("failed", "user_error", "only"), (report["outcome"], report["reason"], report["step"]))
            self.assertEqual(expected, report["message"])

    def test_a_list_of_one_is_a_program(self) -> None:
        report = self.attempt("", [program("only", "echo no shell here; true")]).run()
        self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]))
        self.assertIn("'echo no shell here; true' cannot be started: No such file", report["message"])

    def test_cancel_lets_a_command_clean_up(self) -> None:
        text = "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
        attempt = self.attempt("", [command("only", text)]).start()
        attempt.wait_for_line("ready")
        attempt.stop()
        self.assertEqual("cancelled", attempt.finish()["outcome"])
        self.assertIn("cleaned", attempt.lines("stdout"))


@at_every_level
class CommandImportTests(JobTest):
    CODE = """
        import os, sys
        import alidade, alidade.errors
        @alidade.task
        def main():
            print(os.path.dirname(alidade.__file__), alidade.errors.__name__, alidade.__version__ > "0")
            try:
                alidade.log_metric("loss", 1)
            except alidade.OutsideJobError:
                print("outside")
        if __name__ == "__main__":
            for path in sys.path[1:3]:
                print(sorted(set(os.listdir(path)) - {"__pycache__"}))
            main()
    """

    def test_a_module_of_a_plugin_imports_the_package_and_nothing_beside_it(self) -> None:
        steps = [
            command("module", "python3", "-m", "plug.tasks"),
            command("own", 'echo "$PYTHONPATH"', PYTHONPATH="/elsewhere"),
        ]
        attempt = self.finished(self.attempt(self.CODE, steps))
        package = PACKAGE if self.level != "L1c" else self.template.folder
        self.assertEqual(
            ["['plug']", "['alidade.py', 'dioptra.py', 'structlog.py']", f"{package / 'alidade'} alidade.errors True", "outside", "/elsewhere"],
            attempt.lines("stdout"),
            attempt.lines(),
        )

    def test_a_program_imports_what_plugins_for_dioptra_do_and_first_what_is_there(self) -> None:
        code = """
            import structlog
            from dioptra import pyplugs
            from dioptra.sdk.api.artifact import ArtifactTaskInterface
            @pyplugs.register
            def main(): pass
            if __name__ == "__main__":
                print(structlog.__file__, pyplugs.__name__)
        """
        steps = [
            command("module", "python3", "-m", "plug.tasks"),
            command("own", 'echo "own = 1" >structlog.py; python3 -c "import structlog; print(structlog.own)"'),
        ]
        attempt = self.finished(self.attempt(code, steps))
        standin, own = attempt.lines("stdout")
        self.assertRegex(standin, r"/structlog/__init__.py dioptra.pyplugs$")
        self.assertEqual("1", own)


@at_both_levels
class StepLimitTests(JobTest):
    CODE = """
        import time
        def quick(): time.sleep(0.3)
        def endless():
            while True: time.sleep(0.05)
"""

    def test_a_step_over_its_limit_fails_the_job(self) -> None:
        steps = [step("first", "quick"), {**step("second", "endless"), "timeout": 0.3}]
        report = self.attempt(self.CODE, steps, grace=0.1).run()
        self.assertEqual(("failed", "timeout", "second"), (report["outcome"], report["reason"], report["step"]))
        self.assertEqual("step 'second' ran longer than its limit of 0.3 s", report["message"])

    def test_the_limit_is_of_one_step_and_not_of_all(self) -> None:
        steps = [{**step(name, "quick"), "timeout": 30} for name in ("first", "second")]
        steps.insert(1, {**step("third", "quick"), "timeout": 0.9})
        self.finished(self.attempt(self.CODE, steps + [step("last", "quick")]))


@at_both_levels
class UsageTests(JobTest):
    def test_processor_and_memory_of_all_processes(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
    import subprocess, sys, time
    BUSY = "import time; held = b'x' * (64 << 20); end = time.monotonic() + 1.2\\nwhile time.monotonic() < end: pass"
    def main():
        children = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(2)]
        for child in children: child.wait()
""",
                usageEvery=0.25,
            )
        )
        points = attempt.events("metric")
        names = {point["name"] for point in points}
        self.assertLessEqual({"system/cpu", "system/memory"}, names)
        # Whether there are disks and a network to be seen depends on the machine and the level.
        traffic = {"system/disk/read", "system/disk/written", "system/network/received", "system/network/sent"}
        self.assertLessEqual(names, {"system/cpu", "system/memory", *traffic})
        memory = [point["value"] for point in points if point["name"] == "system/memory"]
        cpu = [point["value"] for point in points if point["name"] == "system/cpu"]
        self.assertGreater(max(memory), 128 << 20)
        self.assertGreater(max(cpu), 0)

    def test_a_short_job_is_not_measured(self) -> None:
        points = self.finished(self.attempt("def main(): pass", usageEvery=600)).events("metric")
        self.assertEqual([], [point for point in points if point["step"] < 2])

    def test_zero_turns_it_off(self) -> None:
        attempt = self.finished(self.attempt("def main(): import time; time.sleep(0.4)", usageEvery=0))
        self.assertEqual([], attempt.events("metric"))


class TrafficTests(unittest.TestCase):
    def test_what_goes_to_disk_and_over_the_network_is_a_rate(self) -> None:
        counters = [{"system/disk/written": 100}, {"system/disk/written": 5100}, {"system/disk/written": 0}]
        traffic = Traffic()
        with mock.patch("alidade._host.traffic._disk", side_effect=counters), mock.patch(
            "alidade._host.traffic._network", return_value={}
        ):
            rates = [traffic.since([1], 2.0)["system/disk/written"] for _ in counters]
        self.assertEqual([0.0, 2500.0, 0.0], rates)

    def test_a_process_that_writes_is_seen(self) -> None:
        with tempfile.NamedTemporaryFile(dir=".") as file:
            file.write(b"x" * (1 << 20))
            file.flush()
            os.fsync(file.fileno())
            seen = _disk([os.getpid()])
        self.assertEqual({"system/disk/read", "system/disk/written"}, set(seen))
        self.assertEqual({}, _disk([2**22 + 1]))


class _Library:
    """As NVIDIA's: two cards, one process on the second."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = 2
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, number: int, card: Any) -> int:
        card._obj.value = number + 1
        return 0

    def nvmlDeviceGetComputeRunningProcesses_v3(self, card: Any, count: Any, running: Any) -> int:
        count._obj.value = 1 if card.value == 2 else 0
        running[0].pid, running[0].memory = self.pid, 1 << 30
        return 0

    def nvmlDeviceGetUtilizationRates(self, card: Any, rates: Any) -> int:
        rates._obj.gpu = 55
        return 0


class CardTests(unittest.TestCase):
    def test_only_cards_that_the_job_has_opened_are_recorded(self) -> None:
        cards = Cards()
        cards._library = _Library(4711)
        self.assertEqual({"system/gpu1": 55.0, "system/gpu1/memory": float(1 << 30)}, cards.used_by([1, 4711]))
        self.assertEqual({}, cards.used_by([1]))
