"""What user code records, and what it may ask."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import unittest

from harness import PACKAGE, PACKAGE_IN_TMP, JobTest, at_both_levels

import alidade


@at_both_levels
class RecordingTests(JobTest):
    def test_metrics(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade
                def main():
                    alidade.log_metric("loss", 0.5)
                    alidade.log_metric("loss", 1)
                    alidade.log_metric("loss", float("nan"), step=10)
                    alidade.log_metrics({"loss": float("inf"), "acc_1": True})
                """
            )
        )
        points = [(event["name"], event["value"], event["step"]) for event in attempt.events("metric")]
        nan, infinity = {"$": "float", "v": "nan"}, {"$": "float", "v": "inf"}
        self.assertEqual(
            [("loss", 0.5, 0), ("loss", 1.0, 1), ("loss", nan, 10), ("loss", infinity, 11), ("acc_1", 1.0, 0)], points
        )

    def test_metric_names_and_values_are_checked(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade
                def main():
                    for name, value in (("_", 1), ("a-b", 1), ("9a", 1), ("a\\n", 1), ("", 1), ("ok", "text"), ("ok", None)):
                        try:
                            alidade.log_metric(name, value)
                            print("taken", name)
                        except (ValueError, TypeError) as error:
                            print(type(error).__name__)
                """
            )
        )
        self.assertEqual(["ValueError"] * 5 + ["TypeError"] * 2, attempt.lines())
        self.assertEqual([], attempt.events("metric"))

    def test_names_that_would_be_dropped_are_refused(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade
                def main():
                    for record in (alidade.log_metric, alidade.log_result, alidade.log_parameter, alidade.set_tag):
                        record("n" * 1024, 1)
                        for name in ("n" * 1025, "a\\0b", "", None):
                            try:
                                record(name, 1)
                                print("taken", name)
                            except ValueError as error:
                                print(error)
                """
            )
        )
        lines = attempt.lines()
        self.assertEqual((16, []), (len(lines), [line for line in lines if line.startswith("taken")]))
        begin = "'" + "n" * 100 + " ...' must be a text of 1 to 1024 characters without NUL; it has 1025"
        for function, line in zip(("log_metric", "log_result", "log_parameter", "set_tag"), lines[::4]):
            self.assertEqual(f"{function}: the name {begin}", line)
        for kind in ("metric", "result", "parameter", "tag"):
            self.assertEqual(["n" * 1024], [event["name"] for event in attempt.events(kind)])

    def test_values_too_large_say_what_to_do(self) -> None:
        report = self.attempt("import alidade\ndef main():\n    alidade.log_result('r', 'x' * 300000)").run()
        self.assertIn("more than 256 KiB; log it as an artifact", report["message"])

    def test_a_step_is_a_whole_number(self) -> None:
        code = """
            import alidade
            def main():
                for step in (1.7, 2.9, "5"):
                    alidade.log_metric("m", 1, step=step)
        """
        attempt = self.finished(self.attempt(code))
        self.assertEqual([1, 2, 5], [event["step"] for event in attempt.events("metric")])
        self.assertIn("1.7 is recorded as 1", "".join(attempt.lines()))

    def test_results_parameters_and_tags(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade
                def main():
                    alidade.log_result("table", {"eps": [0.1, float("-inf")], "n": 2**60, "none": None, 1: float("nan")})
                    alidade.log_parameter("lr", 0.1)
                    alidade.set_tag("kind", "smoke")
                """
            )
        )
        (result,) = attempt.events("result")
        self.assertEqual({"eps": [0.1, "-Infinity"], "n": 2**60, "none": None, "1": "NaN"}, result["value"])
        self.assertEqual([("lr", "0.1")], [(event["name"], event["value"]) for event in attempt.events("parameter")])
        self.assertEqual([("kind", "smoke")], [(event["name"], event["value"]) for event in attempt.events("tag")])

    def test_artifacts(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, os
                class Figure:
                    def savefig(self, path):
                        open(path, "wb").write(b"PNG")
                def main():
                    os.makedirs("model/sub")
                    open("model/a.bin", "wb").write(b"a" * 10)
                    open("model/sub/b.txt", "w").write("b")
                    os.symlink("a.bin", "model/link")
                    os.symlink(".", "model/circle")
                    alidade.log_artifact("model", description="weights")
                    open("model/a.bin", "wb").write(b"changed later")
                    alidade.log_artifact("model/sub/b.txt", name="notes")
                    alidade.log_text("readme", "hällo")
                    alidade.log_json("cells.json", {"a": [1, 2]})
                    alidade.log_figure("grid", Figure())
                """
            )
        )
        model, notes, readme, cells, grid = attempt.events("artifact")
        self.assertEqual((True, "weights"), (model["folder"], model["description"]))
        self.assertEqual(
            [("a.bin", 10), ("link", 10), ("sub/b.txt", 1)], [(file["path"], file["size"]) for file in model["files"]]
        )
        self.assertEqual(("notes", False, "b.txt"), (notes["name"], notes["folder"], notes["files"][0]["path"]))
        self.assertEqual(("readme", "text/plain"), (readme["name"], readme["mediaType"]))
        self.assertEqual(("cells.json", "application/json"), (cells["name"], cells["mediaType"]))
        self.assertEqual(("grid", "image/png"), (grid["name"], grid["mediaType"]))
        for event in attempt.events("artifact"):
            for file in event["files"]:
                data = (attempt.folder / event["root"] / file["path"]).read_bytes()
                self.assertEqual((len(data), hashlib.sha256(data).hexdigest()), (file["size"], file["sha256"]))
        self.assertLessEqual(set(os.listdir(attempt.folder / "tmp")), set(PACKAGE_IN_TMP))

    def test_what_has_no_form_as_text_or_json_raises(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade

                def main():
                    for call, value in ((alidade.log_json, {"a": {1, 2}}), (alidade.log_json, object()),
                                        (alidade.log_json, {(1, 2): 3}), (alidade.log_text, 5), (alidade.log_text, b"x")):
                        try:
                            call("n", value)
                        except TypeError as error:
                            print(error)
                """
            )
        )
        self.assertEqual([], attempt.events("artifact"))
        lines = attempt.lines("stdout")
        self.assertEqual(5, len(lines))
        self.assertEqual("log_json('n'): a value of type set has no JSON form; give a number, a text, a list or a dict", lines[0])
        self.assertEqual("log_text('n'): a text is needed, not int; log_json takes values", lines[3])

    def test_missing_artifact_says_which(self) -> None:
        report = self.attempt("import alidade\ndef main():\n    alidade.log_artifact('nothing.bin')").run()
        self.assertEqual("user_error", report["reason"])
        self.assertIn("nothing.bin' does not exist", report["message"])

    def test_an_artifact_that_would_be_refused_later_is_refused_at_once(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, os
                def attempt(*arguments):
                    try:
                        alidade.log_artifact(*arguments)
                        print("taken", arguments)
                    except ValueError as error:
                        print(error)
                def main():
                    deep = "/".join(["d" * 250] * 4)
                    for number, file in enumerate(("a\\\\b", "a\\nb", "a\\x9fb", os.fsdecode(b"caf\\xe9"), f"{deep}/{'f' * 30}")):
                        path = os.path.join(f"folder{number}", file)
                        os.makedirs(os.path.dirname(path))
                        open(path, "w").close()
                        open(f"folder{number}/0", "w").write("sorts before it")
                        attempt(f"folder{number}")
                    attempt("folder1/a\\nb", "good name")
                    for name in ("a\\x85b", "n" * 1025, "caf\\udce9", "..", "a/b"):
                        attempt("folder0", name)
                """
            )
        )
        self.assertEqual([], attempt.events("artifact"))
        self.assertEqual([], os.listdir(attempt.folder / "outputs"))
        lines = attempt.lines()
        reasons = ["a backslash", "a control character", "a control character", "not UTF-8", "longer than 1024 characters"]
        for reason, line in zip([*reasons, "a control character"], lines):
            self.assertRegex(line, f"^the artifact's file '.*' cannot be kept, because its path .*{reason}; rename the file$")
        self.assertIn(repr("a\\b"), lines[0])
        self.assertEqual(["log_artifact: the artifact name"] * 5, [line[:31] for line in lines[6:]])

    def test_a_name_is_not_a_file_and_a_folder(self) -> None:
        code = """
            import os, alidade
            def main():
                for name in ("d", "g.txt"):
                    os.mkdir(name)
                    open(f"{name}/n", "w").close()
                alidade.log_artifact("d")
                alidade.log_artifact("d/n", "d")
                alidade.log_text("g.txt", "1")
                alidade.log_text("g.txt", "2")
                for again in (lambda: alidade.open_artifact("d"), lambda: alidade.log_artifact("g.txt/n", "g.txt")):
                    try:
                        again()
                    except ValueError as error:
                        print(error)
        """
        attempt = self.finished(self.attempt(code))
        self.assertEqual(
            [
                "open_artifact: the artifact 'd' is a folder already and cannot be a file; give this one another name",
                "log_artifact: the artifact 'g.txt' is a file already and cannot be a folder; give this one another name",
            ],
            attempt.lines("stdout"),
        )
        self.assertEqual(["d", "d", "g.txt", "g.txt"], [event["name"] for event in attempt.events("artifact")])

    def test_what_a_folder_artifact_lacks_is_said(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, os
                def main():
                    os.makedirs("model/empty/inner")
                    os.symlink(".", "model/circle")
                    os.symlink("nowhere", "model/gone")
                    os.mkfifo("model/pipe")
                    open("model/file", "w").close()
                    alidade.log_artifact("model")
                    os.remove("model/pipe")
                    os.remove("model/circle")
                    alidade.log_artifact("model", "fewer")
                    alidade.log_artifact("model/empty/inner")
                """
            )
        )
        self.assertEqual(
            [["file"], ["file"], []], [[file["path"] for file in event["files"]] for event in attempt.events("artifact")]
        )
        begin, end = "not kept of the folder: 'gone' (a link to nothing), ", "; an artifact holds files only"
        self.assertEqual(
            [
                f"artifact 'model': {begin}'pipe' (a pipe, a socket or a device), 'circle' (a link to a folder) and 1 more{end}",
                f"artifact 'fewer': {begin}'empty/inner' (an empty folder){end}",
                "artifact 'inner': it holds no file",
            ],
            attempt.lines("log"),
        )
        self.assertEqual({"WARNING"}, {event["l"] for event in attempt.events("log")})

    def test_what_is_no_file_is_refused_without_waiting_for_it(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, os, socket
                from alidade._host import handover
                def attempt(function, path):
                    try:
                        function(path)
                        print("taken", path)
                    except ValueError as error:
                        print(error)
                def main():
                    os.mkfifo("pipe")
                    listener = socket.socket(socket.AF_UNIX)
                    listener.bind("socket")
                    for path in ("pipe", "socket", "/dev/zero"):
                        attempt(alidade.log_artifact, path)
                    attempt(handover._open, "pipe")  # as one that has taken a file's place
                """,
                timeout=20,
            )
        )
        self.assertEqual(4, len(attempt.lines()))
        for name, line in zip(("pipe", "socket", "/dev/zero", "pipe"), attempt.lines()):
            self.assertRegex(line, f"{name}' is a pipe, a socket or a device; an artifact is a file or a folder")
        self.assertEqual([], os.listdir(attempt.folder / "outputs"))

    def test_job_knows_itself(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, os
                def main():
                    values = alidade.params()
                    values["eps"] = "changed"
                    print(alidade.params(), alidade.job_id(), alidade.seed(), os.environ["__JOB_ID"], os.environ["EXTRA"])
                    print(os.path.samefile(alidade.workdir(), os.getcwd()))
                """,
                parameters={"eps": 0.1},
                environment={"EXTRA": "given"},
            )
        )
        self.assertEqual(["{'eps': 0.1} 42 7 42 given", "True"], attempt.lines())

    def test_forked_children_record_too(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, multiprocessing
                def work(number):
                    print("child", number)
                    alidade.log_metric(f"child_{number}", number)
                    alidade.log_text(f"text_{number}", "x")
                def main():
                    with multiprocessing.get_context("fork").Pool(4) as pool:
                        pool.map(work, range(40))
                """
            )
        )
        self.assertEqual({f"child {number}" for number in range(40)}, set(attempt.lines()))
        self.assertEqual(40, len(attempt.events("metric")))
        self.assertEqual(40, len({event["root"] for event in attempt.events("artifact")}))


class OutsideTests(unittest.TestCase):
    """The functions where there is no job."""

    def test_every_function_says_how_to_be_in_a_job(self) -> None:
        calls = {
            "log_metric": ("loss", 1.0),
            "log_metrics": ({"loss": 1.0},),
            "log_result": ("r", 1),
            "log_parameter": ("p", 1),
            "set_tag": ("t", "v"),
            "log_artifact": (__file__,),
            "log_text": ("n", "t"),
            "log_json": ("n", {}),
            "log_figure": ("n", object()),
            "open_artifact": ("n",),
            "artifact_path": ("n",),
            "params": (),
            "workdir": (),
            "job_id": (),
            "seed": (),
        }
        for name, arguments in calls.items():
            with self.subTest(name), self.assertRaisesRegex(alidade.OutsideJobError, "alidade run FILE.py"):
                getattr(alidade, name)(*arguments)

    def test_decorators_leave_functions_as_they_are(self) -> None:
        @alidade.task
        def plain(x: int) -> int:
            return x + 1

        @alidade.register(name="other")
        def named() -> None:
            pass

        self.assertEqual((3, "plain"), (plain(2), plain.__alidade_task__))
        self.assertEqual("other", named.__alidade_task__)

    def test_nothing_named_dioptra_is_importable_outside_a_job(self) -> None:
        code = f"import sys; sys.path.insert(0, {str(PACKAGE)!r}); import alidade, dioptra"
        result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
        self.assertIn("No module named 'dioptra'", result.stderr)
