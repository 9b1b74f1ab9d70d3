"""What a plan means when it runs."""

from __future__ import annotations

from typing import Any, Dict

from harness import JobTest, at_both_levels, ref, step


@at_both_levels
class PlanTests(JobTest):
    def test_output_comes_in_order_with_its_step(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import logging, subprocess, sys
                def main():
                    print("one")
                    logging.getLogger("plug").info("two")
                    subprocess.run(["echo", "three"], check=True)
                    print("four", file=sys.stderr)
                    logging.warning("five\\nsix")
                    subprocess.run("echo seven >&2", shell=True, check=True)
                    print("eight", end="", flush=True)
                    print(" nine")
                """
            )
        )
        logged = attempt.events("log")
        expected = ["one", "two", "three", "four", "five", "six", "seven", "eight nine"]
        self.assertEqual(expected, [event["m"] for event in logged])
        self.assertEqual({"main"}, {event["step"] for event in logged})
        self.assertEqual(
            ["stdout", "log", "stdout", "stderr", "log", "log", "stderr", "stdout"], [event["s"] for event in logged]
        )
        self.assertEqual(("INFO", "plug"), (logged[1]["l"], logged[1]["logger"]))
        self.assertEqual("WARNING", logged[4]["l"])

    def test_events_are_dense_and_stamped(self) -> None:
        attempt = self.finished(self.attempt("def main():\n    print('hello')"))
        events = attempt.events()
        self.assertEqual(list(range(1, len(events) + 1)), [event["n"] for event in events])
        times = [event["t"] for event in events]
        self.assertEqual(sorted(times), times)
        self.assertEqual("start", events[0]["k"])
        self.assertEqual((self.level, attempt.pid), (events[0]["level"], events[0]["pid"]))
        self.assertEqual(["running", "finished"], [event["state"] for event in events if event["k"] == "step"])

    def test_steps_hand_values_to_later_steps(self) -> None:
        code = """
            def load(count, scale):
                return list(range(count)), {"scale": scale}
            def total(numbers, options, *, extra):
                return sum(numbers) * options["scale"] + extra
            def show(value, nested):
                print(value, nested)
            """
        steps = [
            step("load", "load", ref(parameter="count"), scale=2, outputs=["numbers", "options"]),
            step(
                "total",
                "total",
                ref(step="load", output="numbers"),
                options=ref(step="load", output="options"),
                extra={"$": "int", "v": "9007199254740993"},
                outputs=["sum"],
            ),
            step("show", "show", ref(step="total"), nested={"a": [ref(parameter="count"), {"$": "map", "v": [[1, "x"]]}]}),
        ]
        attempt = self.finished(self.attempt(code, steps, parameters={"count": 4}))
        self.assertEqual(["9007199254741005 {'a': [4, {1: 'x'}]}"], attempt.lines())

    def test_special_floats_reach_the_task(self) -> None:
        code = "def main(a, b):\n    print(a != a, b)"
        steps = [step("s", "main", {"$": "float", "v": "nan"}, ref(parameter="b"))]
        attempt = self.finished(self.attempt(code, steps, parameters={"b": {"$": "float", "v": "-inf"}}))
        self.assertEqual(["True -inf"], attempt.lines())

    def test_other_number_of_outputs_warns(self) -> None:
        code = "def two():\n    return 1, 2\ndef show(x):\n    print(x)"
        steps = [step("a", "two", outputs=["x", "y", "z"]), step("b", "show", ref(step="a", output="y"))]
        attempt = self.finished(self.attempt(code, steps))
        self.assertEqual("2", attempt.lines("stdout")[0])
        self.assertIn("declares 3 outputs (x, y, z) but returned 2 items", attempt.lines("log")[0])

    def test_value_that_cannot_be_several_outputs_fails(self) -> None:
        report = self.attempt("def main():\n    return 1.5", [step("a", "main", outputs=["x", "y"])]).run()
        self.assertEqual("user_error", report["reason"])
        self.assertIn("declares the outputs x, y but returned one float", report["message"])

    def test_artifacts_are_read_and_written_by_their_tasks(self) -> None:
        code = """
            from dioptra import pyplugs
            @pyplugs.register
            def main(text):
                return text.upper()
            """
        handler = """
            from pathlib import Path
            from dioptra.sdk.api.artifact import ArtifactTaskInterface
            class Text(ArtifactTaskInterface):
                @staticmethod
                def serialize(working_dir, name, contents, ending="txt", **kwargs):
                    path = working_dir / f"{name}.{ending}"
                    path.write_text(contents)
                    return path
                @staticmethod
                def deserialize(working_dir, path, **kwargs):
                    return (Path(working_dir) / path).read_text()
            """
        task: Dict[str, Any] = {"module": "plug.artifacts", "name": "Text"}
        attempt = self.attempt(
            code,
            [step("up", "main", ref(artifact="given"), outputs=["text"])],
            files={"plug/artifacts.py": handler},
            inputs=[{"name": "given", "path": "inputs/given", "outputs": ["text"], "task": task}],
            outputs=[{"name": "result", "contents": ref(step="up"), "task": task, "args": {"ending": "md"}}],
        )
        (attempt.folder / "inputs" / "given").mkdir()
        (attempt.folder / "inputs" / "given" / "in.txt").write_text("héllo")
        self.finished(attempt)
        (event,) = attempt.events("artifact")
        self.assertEqual(("result", task, False), (event["name"], event["task"], event["folder"]))
        self.assertEqual("result.md", event["files"][0]["path"])
        self.assertEqual("HÉLLO", (attempt.folder / event["root"] / "result.md").read_text())

    def test_an_artifact_task_whose_file_cannot_be_kept_fails_the_job(self) -> None:
        handler = """
            class Text:
                @staticmethod
                def serialize(working_dir, name, contents):
                    path = working_dir / "a\\\\b"
                    path.write_text(contents)
                    return path
            """
        task = {"module": "plug.artifacts", "name": "Text"}
        output = {"name": "result", "contents": "x", "task": task}
        report = self.attempt("def main(): pass", files={"plug/artifacts.py": handler}, outputs=[output]).run()
        self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]))
        self.assertIn("its path holds a backslash; rename the file", report["message"])
        self.assertTrue(report["message"].startswith("artifact output 'result': ValueError: "), report["message"])

    def test_an_artifact_output_that_no_name_can_have_fails_before_the_first_step(self) -> None:
        for name in ("..", "a/b", "a\\b", "a\nb"):
            output = {"name": name, "contents": "x", "task": {"module": "plug.tasks", "name": "main"}}
            attempt = self.attempt("def main(): print('ran')", outputs=[output])
            report = attempt.run()
            self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]))
            self.assertIn(f"artifact graph: the artifact name {name!r} must be", report["message"])
            self.assertNotIn("ran", attempt.lines())

    def test_an_artifact_that_cannot_be_loaded_is_named(self) -> None:
        handler = """
            class Text:
                @staticmethod
                def deserialize(working_dir, path):
                    raise ValueError("no such format")
            """
        given = {"name": "given", "path": "inputs/given", "outputs": ["text"], "task": {"module": "plug.artifacts", "name": "Text"}}
        attempt = self.attempt("def main(): pass", files={"plug/artifacts.py": handler}, inputs=[given])
        (attempt.folder / "inputs" / "given").mkdir()
        (attempt.folder / "inputs" / "given" / "in.txt").write_text("x")
        self.assertEqual("artifact input 'given': ValueError: no such format", attempt.run()["message"])

    def test_mistake_in_the_last_file_shows_before_the_first_step(self) -> None:
        steps = [step("first", "main"), {**step("last", "main"), "module": "plug.broken"}]
        attempt = self.attempt("def main():\n    print('ran')", steps, files={"plug/broken.py": "import nowhere_to_find"})
        report = attempt.run()
        self.assertEqual(("failed", "user_error", "last"), (report["outcome"], report["reason"], report["step"]))
        self.assertEqual("ModuleNotFoundError: No module named 'nowhere_to_find'", report["message"])
        self.assertNotIn("ran", attempt.lines())

    def test_a_function_whose_body_would_never_run_fails_before_the_first_step(self) -> None:
        for code, outputs, kind in (
            ("async def last(): print('ran')", [], "async"),
            ("async def last(): return 5", ["value"], "async"),
            ("async def last(): yield print('ran')", [], "async"),
            ("def last(): yield print('ran')", [], "a generator function"),
        ):
            attempt = self.attempt(f"def main(): print('ran')\n{code}", [step("a", "main"), step("b", "last", outputs=outputs)])
            report = attempt.run()
            self.assertEqual(("user_error", "b"), (report["reason"], report["step"]))
            self.assertIn(f"TypeError: last() is {kind}", report["message"])
            self.assertNotIn("ran", attempt.lines())

    def test_what_generators_yield_may_be_outputs_or_be_read_by_a_later_step(self) -> None:
        code = """
            import contextlib
            def pair():
                yield 1
                yield 2
            def made():
                return (n for n in (3, 4))
            def show(*values):
                print(*values, *[n for n in values[-1]])
            @contextlib.contextmanager
            def wrapped():
                yield
            """
        last = [ref(step="a", output="x"), ref(step="a", output="y"), ref(step="b", output="y"), ref(step="c")]
        steps = [
            step("a", "pair", outputs=["x", "y"]),
            step("b", "made", outputs=["x", "y"]),
            step("c", "pair", outputs=["all"]),
            step("d", "wrapped"),
            step("e", "show", *last),
        ]
        (line,) = self.finished(self.attempt(code, steps)).lines("stdout")
        self.assertRegex(line, r"^1 2 4 <generator .*> 1 2$")

    def test_plugin_written_for_dioptra_runs_unchanged(self) -> None:
        code = """
            import os
            import structlog
            from structlog.stdlib import BoundLogger
            from dioptra import pyplugs
            from dioptra.sdk.exceptions import TensorflowDependencyError
            from dioptra.sdk.utilities.auth_client import get_authenticated_worker_client
            from dioptra.sdk.utilities.decorators import require_package

            LOGGER: BoundLogger = structlog.stdlib.get_logger()

            @pyplugs.register
            def train(epochs: int) -> float:
                log = LOGGER.bind(model="m 1")
                client = get_authenticated_worker_client(log, "json")
                for epoch in range(epochs):
                    answer = client.jobs.append_metric_by_id(
                        job_id=os.environ["__JOB_ID"], metric_name="loss", metric_value=1 / (epoch + 1), metric_step=str(epoch)
                    )
                assert answer["name"] == answer.json()["name"] == "loss" and answer.status_code == 200
                log.info("trained", epochs=epochs)
                try:
                    predict()
                except TensorflowDependencyError as error:
                    print(error)
                return 0.5

            @require_package("nowhere_to_find", exc_type=TensorflowDependencyError)
            def predict():
                raise AssertionError

            @pyplugs.register(sort_value=1)
            def again(epochs):
                print(pyplugs.call("plug", "tasks", "train", epochs=epochs), pyplugs.funcs("plug", "tasks"), pyplugs.names("plug"))
            """
        attempt = self.finished(self.attempt(code, [step("s", "again", 2)]))
        missing = 'The package "nowhere_to_find" is required to use predict'
        self.assertEqual([missing, "0.5 ['train', 'again'] ['tasks']"], attempt.lines("stdout"))
        (record,) = [event for event in attempt.events("log") if event["s"] == "log"]
        self.assertEqual(("trained model='m 1' epochs=2", "plug.tasks", "s"), (record["m"], record["logger"], record["step"]))
        self.assertEqual([("loss", 1.0, 0), ("loss", 0.5, 1)], [(e["name"], e["value"], e["step"]) for e in attempt.events("metric")])
