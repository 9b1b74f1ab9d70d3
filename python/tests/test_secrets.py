"""Secrets: how a job gets them, and that nothing it says gives them away."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote, quote_plus

from harness import Attempt, JobTest, at_both_levels
from alidade._host.frames import EVENT
from alidade._host.intake import Intake
from alidade._host.redaction import Redactor, StreamRedactor

VALUE = 'p/ss wörd"1+x'
KEY = "-----BEGIN KEY-----\nabcdefghijkl\nmnopqrstuvwx\n-----END KEY-----\n"


class RedactionTests(unittest.TestCase):
    def test_every_documented_form_is_found(self) -> None:
        redactor = Redactor({"token": VALUE.encode()})
        data = VALUE.encode()
        forms = {
            "exact": VALUE,
            "base64": base64.b64encode(data).decode(),
            "urlsafe": base64.urlsafe_b64encode(data).decode(),
            "basic": base64.b64encode(b"user:" + data).decode(),
            "longer": base64.b64encode(b"ab" + data + b"more").decode(),
            "url": quote(VALUE, safe=""),
            "lower": re.sub("%..", lambda code: code.group().lower(), quote(VALUE, safe="")),
            "form": quote_plus(VALUE),
            "json": json.dumps(VALUE),
            "json text": json.dumps(VALUE, ensure_ascii=False),
            "nested": json.dumps(json.loads(json.dumps({"a": [VALUE]}))),
            "repr": repr(VALUE),
        }
        for name, form in forms.items():
            self.assertIn("[secret token]", redactor.text(f"before {form} after"), name)
            self.assertTrue(redactor.text(f"before {form} after").startswith("before "), name)

    def test_lines_of_a_longer_secret_are_found_alone(self) -> None:
        redactor = Redactor({"key": KEY.encode()})
        self.assertEqual("x [secret key] y", redactor.text("x mnopqrstuvwx y"))

    def test_the_end_of_a_step_between_two_halves_lets_nothing_through(self) -> None:
        written = []

        class Writer:
            def log(self, _stream: str, _level: str, text: str, *_: object) -> None:
                written.append(text)

            def add(self, *_: object) -> None:
                pass

        intake = Intake(Writer(), 1 << 20, Redactor({"db": b"correct-horse-battery"}))  # type: ignore[arg-type]
        for state, half in (("running", b"tail"), ("finished", b"x=correct-horse-b"), ("running", b""), ("finished", b"attery ok")):
            intake.frame(EVENT, json.dumps({"k": "step", "step": "a", "state": state}).encode())
            intake.output("pipe", "stdout", half)
        intake.finish()
        self.assertEqual(["tail", "x=[secret db] ok"], written)

    def test_no_way_of_cutting_a_stream_lets_a_secret_through(self) -> None:
        seed = random.randrange(1 << 30)
        draw = random.Random(seed)
        secrets = {"one": b"abcabcabd", "two": b"abcabcabdabc", "three": b"cabxyz\nxyzabc"}
        redactor = Redactor(secrets)
        for _ in range(300):
            pieces = [draw.choice([*secrets.values(), b"abc", b"xyz", b"\n", b"cab", b"d"]) for _ in range(12)]
            data = b"".join(pieces)
            stream, said, at = StreamRedactor(redactor), b"", 0
            while at < len(data):
                size = draw.randint(1, 7)
                said += stream.feed(data[at : at + size])
                at += size
            said += stream.finish()
            for value in secrets.values():
                self.assertNotIn(value, said, (seed, data))
            plain = data
            for form in redactor.forms:
                plain = plain.replace(form, b"")
            if plain == data:
                self.assertEqual(data, said, seed)

    def test_a_line_without_a_secret_does_not_wait(self) -> None:
        self.assertEqual(b"hello\n", StreamRedactor(Redactor({"one": b"secret"})).feed(b"hello\n"))


@at_both_levels
class SecretTests(JobTest):
    def given(self, code: str, **facts: object) -> Attempt:
        folder = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
        self.addCleanup(lambda: folder.rmdir() if folder.exists() else None)
        self.folder = folder
        for name, value in {"token": VALUE, "key": KEY}.items():
            (folder / name).write_text(value)
            os.chmod(folder / name, 0o600)
        if self.template.user is not None:
            for path in (folder, *folder.iterdir()):
                os.chown(path, self.template.user, self.template.user)
        names = ["token", "key"]
        return self.attempt(code, secrets={"folder": str(folder), "names": names}, **facts)

    def test_a_job_gets_its_secrets_and_they_are_gone_afterwards(self) -> None:
        attempt = self.finished(
            self.given(
                f"""
                import alidade, os, subprocess
                def main():
                    path = alidade.secret_path("token")
                    print("same", alidade.secret("token") == {VALUE!r}, alidade.secret("key") == {KEY!r})
                    print("mode", oct(os.stat(path).st_mode & 0o077), oct(os.stat(path.parent).st_mode & 0o077))
                    size = subprocess.check_output("wc -c < $ALIDADE_SECRETS/token", shell=True, text=True)
                    print("program", size.strip() == str(len({VALUE!r}.encode())))
                    print("environment", any({VALUE!r} in value for value in os.environ.values()))
                    try:
                        alidade.secret("other")
                    except alidade.AlidadeError as error:
                        print(error)
                """
            )
        )
        self.assertEqual(
            [
                "same True True",
                "mode 0o0 0o0",
                "program True",
                "environment False",
                "this job was given no secret 'other' (it has key, token); name it in the secrets of the entrypoint",
            ],
            attempt.lines("stdout"),
        )
        self.assertFalse(self.folder.exists())
        self.assertEqual(["key", "token"], attempt.events("start")[0]["secrets"])

    def test_nothing_that_is_written_holds_a_secret_however_the_job_says_it(self) -> None:
        attempt = self.given(
            """
            import alidade, base64, json, logging, os, subprocess, sys, time
            def main():
                value = alidade.secret("token")
                print("plain", value)
                for character in value:
                    sys.stdout.write(character)
                    sys.stdout.flush()
                    time.sleep(0.002)
                print()
                os.write(1, value[:5].encode()); time.sleep(0.05); os.write(1, value[5:].encode() + b"\\n")
                sys.stderr.write("x" * 16380 + value + "\\n")
                print(alidade.secret("key"))
                logging.getLogger(value).warning("by the logger %s", base64.b64encode(value.encode()).decode())
                subprocess.run(["cat", str(alidade.secret_path("key"))])
                alidade.log_result("result", {value: [value]})
                alidade.set_tag("tag", value)
                alidade.log_parameter("parameter", json.dumps(value))
                raise ValueError(value)
            """
        )
        report = attempt.run()
        self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]), report)
        left = b"".join(path.read_bytes() for path in attempt.folder.rglob("*") if path.is_file() and "plugins" not in path.parts)
        for form in (VALUE, json.dumps(VALUE)[1:-1], json.dumps(VALUE, ensure_ascii=False)[1:-1], "mnopqrstuvwx"):
            self.assertNotIn(form.encode(), left)
        self.assertNotIn(base64.b64encode(VALUE.encode())[:12], left)
        self.assertIn("plain [secret token]", attempt.lines())
        self.assertEqual("ValueError: [secret token]", report["message"])
        self.assertFalse(self.folder.exists())

    def test_secrets_that_cannot_be_read_end_the_job_before_it_begins(self) -> None:
        report = self.attempt("def main(): pass", secrets={"folder": "/nowhere", "names": ["token"]}).run()
        self.assertEqual(("failed", "env_setup"), (report["outcome"], report["reason"]), report)
        self.assertIn("the secrets cannot be read", report["message"])


class SecretsBehindBubblewrapTests(SecretTests):
    level = "L1c"
    test_nothing_that_is_written_holds_a_secret_however_the_job_says_it = None
    test_secrets_that_cannot_be_read_end_the_job_before_it_begins = None


if __name__ == "__main__":
    unittest.main()
