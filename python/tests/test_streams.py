"""Artifacts as streams."""

from __future__ import annotations

import hashlib
import unittest

from harness import Attempt, JobTest, at_both_levels

_MIB = 1 << 20


@at_both_levels
class StreamTests(JobTest):
    def test_large_artifact_is_written_and_read_with_little_memory(self) -> None:
        attempt = self.attempt(
            f"""
            import alidade
            def main():
                total = 0
                with alidade.open_artifact("given", "rb") as source, alidade.open_artifact("big.bin") as target:
                    while block := source.read(65536):
                        total += target.write(block)
                print(total // {_MIB}, target.closed)
            """
        )
        given = attempt.folder / "inputs" / "given"
        given.mkdir()
        with open(given / "in.bin", "wb") as file:
            file.truncate(400 * _MIB)
        report = attempt.run()
        self.assertEqual("finished", report["outcome"], attempt.lines())
        self.assertEqual(["400 True"], attempt.lines())
        self.assertLess(report["peakMemory"], 150 * _MIB)
        (event,) = attempt.events("artifact")
        self.assertEqual(("big.bin", False, "application/octet-stream"), (event["name"], event["folder"], event["mediaType"]))
        self.assertEqual(400 * _MIB, event["files"][0]["size"])
        self.assert_digests(attempt)

    def test_text_other_writers_and_options(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, csv, io, tarfile, zipfile
                def main():
                    with alidade.open_artifact("table.csv", "w", description="héllo") as file:
                        csv.writer(file, lineterminator="\\n").writerows([["a", "é"], [1, 2]])
                    with alidade.open_artifact("pack", media_type="application/zip") as file:
                        with zipfile.ZipFile(file, "w") as pack:
                            pack.writestr("x.txt", "x" * 1000)
                    file = alidade.open_artifact("plain")
                    file.write(b"kept when closed")
                    file.close()
                    file.close()
                """
            )
        )
        table, pack, plain = attempt.events("artifact")
        self.assertEqual("a,é\n1,2\n", (attempt.folder / table["root"] / "table.csv").read_text())
        self.assertEqual(("text/csv", "héllo"), (table["mediaType"], table["description"]))
        self.assertEqual("application/zip", pack["mediaType"])
        self.assertEqual("plain", plain["name"])
        self.assert_digests(attempt)

    def test_what_was_broken_off_is_not_kept(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade
                def main():
                    for mode, half in (("wb", b"half"), ("w", "half")):
                        try:
                            with alidade.open_artifact("half", mode) as file:
                                file.write(half)
                                raise KeyError("stop")
                        except KeyError:
                            print("stopped", file.closed)
                """
            )
        )
        self.assertEqual(["stopped True"] * 2, attempt.lines())
        self.assertEqual([], attempt.events("artifact"))
        self.assertEqual([], [path for path in (attempt.folder / "outputs").rglob("*") if path.is_file()])

    def test_inputs_are_files_or_folders(self) -> None:
        attempt = self.attempt(
            """
            import alidade
            def main():
                print(alidade.open_artifact("model/sub/notes.txt", "r").read())
                print(alidade.artifact_path("model").name)
                print(alidade.open_artifact("text", "r").read())
            """
        )
        for path, text in (("model/weights/sub/notes.txt", "in a folder"), ("text/in.txt", "a file")):
            file = attempt.folder / "inputs" / path
            file.parent.mkdir(parents=True)
            file.write_text(text)
        self.assertEqual(["in a folder", "weights", "a file"], self.finished(attempt).lines())

    def test_mistakes_say_what_to_do(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade
                def main():
                    def tried(what):
                        try:
                            what()
                        except (alidade.AlidadeError, ValueError, OSError) as error:
                            print(error)
                    tried(lambda: alidade.open_artifact("../x"))
                    tried(lambda: alidade.open_artifact("x", "ab"))
                    tried(lambda: alidade.open_artifact("model", "rb"))
                    tried(lambda: alidade.open_artifact("y").seek(0))
                """
            )
        )
        name, mode, missing, seek = attempt.lines()
        self.assertIn("without slashes", name)
        self.assertIn("'ab' is none of wb, w, rb and r", mode)
        self.assertIn("no artifact input 'model' (it has none)", missing)
        self.assertIn("not seekable", seek)

    def assert_digests(self, attempt: Attempt) -> None:
        for event in attempt.events("artifact"):
            (file,) = event["files"]
            digest = hashlib.sha256()
            with open(attempt.folder / event["root"] / file["path"], "rb") as content:
                while block := content.read(_MIB):
                    digest.update(block)
            self.assertEqual(digest.hexdigest(), file["sha256"])


if __name__ == "__main__":
    unittest.main()
