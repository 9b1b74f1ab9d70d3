"""Output in any amount and of any kind."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import unittest
from unittest import mock

from harness import JobTest, at_both_levels, step

from alidade._host.events import EventWriter
from alidade._host.lines import CUT_MARK, MAX_LINE, LineAssembler


@at_both_levels
class OutputTests(JobTest):
    def test_many_lines_in_bounded_files(self) -> None:
        count = 200_000
        attempt = self.finished(
            self.attempt(f"def main():\n    for i in range({count}):\n        print(i)", limits={"eventBytes": 1 << 20})
        )
        files = sorted((attempt.folder / "events").iterdir())
        self.assertEqual([f"{number:06d}.ndjson" for number in range(1, len(files) + 1)], [file.name for file in files])
        self.assertLessEqual(max(file.stat().st_size for file in files), 1 << 20)
        events = attempt.events()
        self.assertEqual(list(range(1, len(events) + 1)), [event["n"] for event in events])
        self.assertEqual([str(i) for i in range(count)], [event["m"] for event in events if event["k"] == "log"])

    def test_many_lines_of_a_program(self) -> None:
        code = "import subprocess\ndef main():\n    subprocess.run(['seq', '1', '200000'], check=True)\n    print('end')"
        lines = self.finished(self.attempt(code)).lines()
        self.assertEqual([*map(str, range(1, 200_001)), "end"], lines)

    def test_bytes_that_are_no_text(self) -> None:
        attempt = self.finished(
            self.attempt(
                r"""
                import os, sys
                def main():
                    os.write(1, b"caf\xc3\xa9 \xff\xfe nul \0 end\n")
                    sys.stdout.buffer.write(b"in process \xff\n")
                    sys.stdout.buffer.flush()
                    print("lone \ud800 surrogate \u2028 x")
                    os.write(2, b"no line feed at the end")
                """
            )
        )
        self.assertEqual(
            {"café \ufffd\ufffd nul \ufffd end", "in process \ufffd", "lone \\ud800 surrogate \u2028 x", "no line feed at the end"},
            set(attempt.lines()),
        )

    def test_each_line_has_the_step_that_wrote_it(self) -> None:
        attempt = self.attempt(
            """
            import subprocess, sys
            def main():
                sys.stdout.write("whole\\ntail")
                subprocess.run(["printf", "tail of a program"], check=True)
                raise ValueError("why")
            """
        )
        attempt.run()
        steps = {event["m"]: event.get("step") for event in attempt.events("log")}
        self.assertEqual(
            {"whole": "main", "tail": "main", "tail of a program": "main", "ValueError: why": "main"},
            {line: step for line, step in steps.items() if not line.startswith(("Traceback", " "))},
        )

    def test_a_line_ends_with_its_step(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import subprocess
                def first():
                    print("half", end="")
                    subprocess.run(["printf", "of a program"], check=True)
                def second():
                    print("whole")
                """,
                steps=[step("1", "first"), step("2", "second", after=["1"])],
            )
        )
        self.assertEqual(
            {"half": "1", "of a program": "1", "whole": "2"}, {event["m"]: event["step"] for event in attempt.events("log")}
        )

    def test_progress_bar_keeps_its_last_state(self) -> None:
        attempt = self.finished(
            self.attempt(
                r"""
                import os
                def main():
                    for i in range(1000):
                        os.write(2, b"\r%d%%" % (i // 10))
                    os.write(2, b"\r100%\n")
                    print("a\rb\rc")
                    print("windows\r\nline")
                """
            )
        )
        self.assertEqual(["100%"], attempt.lines("stderr"))
        self.assertEqual(["c", "windows", "line"], attempt.lines("stdout"))

    def test_endless_line_is_cut(self) -> None:
        code = "import os\ndef main():\n    for _ in range(64):\n        os.write(1, b'x' * 1000000)\n    os.write(1, b'\\nnext\\n')"
        first, second = self.finished(self.attempt(code)).lines()
        self.assertEqual(("x" * MAX_LINE + CUT_MARK, "next"), (first, second))

    def test_quota_of_the_log_is_said_once_and_counted(self) -> None:
        attempt = self.finished(
            self.attempt("def main():\n    for i in range(1000):\n        print('x' * 99)", limits={"logBytes": 10_000})
        )
        self.assertEqual(100, len(attempt.lines("stdout")))
        self.assertEqual([("log", 1), ("log", 900)], [(event["what"], event["count"]) for event in attempt.events("lost")])

    def test_full_disk_stops_the_job_and_not_the_cancel(self) -> None:
        attempt = self.attempt(
            "def main():\n    while True:\n        print('x' * 1000)", limits={"diskReserve": 1 << 62}, timeout=0.5, grace=0.1
        )
        report = attempt.run()
        self.assertEqual("timeout", report["reason"])
        # What was written before the pipes were full is kept; the endless rest was never read.
        self.assertLess(len(attempt.lines()), 2000)

    def test_forged_messages_are_dropped_and_said(self) -> None:
        attempt = self.finished(
            self.attempt(
                """
                import alidade, json
                from alidade import _job
                from alidade._host import frames
                def main():
                    channel = _job.current("x").channel
                    for text in ('{', '[]', '{"k":"exit"}', '{"k":"metric","name":"a","value":NaN,"step":0}',
                                 '{"k":"metric","name":"a","value":1e999,"step":0}',
                                 '{"k":"artifact","name":"a","root":"../../etc","files":[]}',
                                 '{"k":"artifact","name":"a","root":"outputs/000001","files":[{"path":"../x","size":1,"sha256":"' + "0"*64 + '"}]}',
                                 '{"k":"step","step":5,"state":"running"}', '[' * 100000):
                        channel.send(frames.EVENT, text.encode())
                    print("still here")
                """
            )
        )
        self.assertEqual(9, sum("was dropped" in line for line in attempt.lines("system")))
        self.assertEqual(["still here"], attempt.lines("stdout"))
        self.assertEqual([], attempt.events("metric") + attempt.events("artifact"))

    def test_broken_protocol_ends_the_job(self) -> None:
        attempt = self.attempt(
            """
            import time
            from alidade import _job
            def main():
                _job.current("x").channel._connection.sendall(b"\\xff" * 100)
                time.sleep(600)
            """
        )
        report = attempt.run()
        self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]))
        self.assertIn("broke the protocol", report["message"])


class LineTests(unittest.TestCase):
    def test_any_cutting_gives_the_same_lines(self) -> None:
        data = "a\r\nbé\r50%\r100%\n\n\r\rlast\r\nend".encode()
        expected = ["a", "100%", "", "last", "end"]
        for size in range(1, len(data) + 1):
            assembler, lines = LineAssembler(), []
            for start in range(0, len(data), size):
                lines += assembler.feed(data[start : start + size])
            self.assertEqual(expected, lines + assembler.finish(), size)

    def test_cut_does_not_split_a_character(self) -> None:
        (line,) = LineAssembler().feed(b"x" + "é".encode() * MAX_LINE + b"\n")
        self.assertEqual("x" + "é" * ((MAX_LINE - 1) // 2) + CUT_MARK, line)

    def test_redrawn_line_takes_no_memory(self) -> None:
        assembler = LineAssembler()
        for _ in range(1000):
            assembler.feed(b"y" * 5000 + b"\r")
        self.assertEqual(["z"], assembler.feed(b"z\n"))


class EventWriterTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name
        self.directory = os.open(folder.name, os.O_RDONLY)
        self.addCleanup(os.close, self.directory)

    def read(self) -> list:
        lines: list = []
        for name in sorted(os.listdir(self.path)):
            with open(os.path.join(self.path, name), encoding="utf-8") as file:
                lines += map(json.loads, file)
        return lines

    def test_time_never_decreases(self) -> None:
        times = iter([5, 3, 9, 8])
        writer = EventWriter(self.directory, 1000, clock=lambda: next(times))
        for _ in range(4):
            writer.add("done", {})
        writer.flush()
        self.assertEqual([5, 5, 9, 9], [event["t"] for event in self.read()])

    def test_full_disk_delays_and_loses_nothing(self) -> None:
        writer = EventWriter(self.directory, 200)
        real_write, calls = os.write, 0

        def failing(descriptor: int, data: bytes) -> int:
            nonlocal calls
            calls += 1
            if calls % 3 == 0:
                raise OSError(errno.ENOSPC, "no space left")
            return real_write(descriptor, data[:17])  # and short writes besides

        with mock.patch("os.write", failing):
            for number in range(50):
                writer.add("metric", {"name": "m", "value": number})
                writer.flush()
            while not writer.flush():
                pass
        self.assertEqual([(n + 1, n) for n in range(50)], [(event["n"], event["value"]) for event in self.read()])

    def test_reserve_of_the_disk(self) -> None:
        free = 100
        writer = EventWriter(self.directory, 1000, reserve=50, free=lambda: free)
        self.assertTrue(writer.has_room())
        free = 49
        writer._next_check = 0.0
        self.assertFalse(writer.has_room())
