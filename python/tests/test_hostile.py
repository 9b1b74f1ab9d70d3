"""User code that means harm, beyond its ways to end: plugins that pose as somebody else's, and what a sandbox has to hold."""

from __future__ import annotations

import os
import textwrap
from typing import NamedTuple, Tuple

from harness import JobTest, at_every_level, ref, step

_POSE = "print('posing')\nraise SystemExit(9)\n"


@at_every_level
class PosingTests(JobTest):
    def test_modules_named_like_others_reach_neither_the_host_nor_the_next_job(self) -> None:
        code = "import colorsys, json, os, site\ndef main(): print(colorsys.hsv_to_rgb(0, 0, 1), json.dumps([os.sep]))"
        names = ("os.py", "json/__init__.py", "site.py", "socket.py", "sitecustomize.py", "usercustomize.py", "conftest.py")
        files = {**dict.fromkeys(names, _POSE), "evil.pth": "import os; os._exit(9)\n", "alidade/__init__.py": _POSE}
        posed = self.finished(self.attempt(code, files=files))
        self.assertEqual(['(1, 1, 1) ["/"]'], posed.lines())
        # What the standard library has and nobody has imported yet is the job's own to replace, for itself alone.
        own = self.finished(self.attempt(code, files={"colorsys.py": "def hsv_to_rgb(*_): return 'own'"}))
        self.assertEqual(['own ["/"]'], own.lines())
        self.assertEqual(['(1, 1, 1) ["/"]'], self.finished(self.attempt(code)).lines())


NAMES = ("__import__", "__class__", "__dict__", "__init__", "class", "import", "None", "self", "args", "kwargs", "format")


@at_every_level
class NameTests(JobTest):
    def test_names_that_mean_something_in_python_mean_nothing_here(self) -> None:
        """Steps, their parameters and outputs, and parameters of the job are keys and no more."""
        steps = [
            step(f"{name}_", "echo", outputs=[name], **{name: ref(parameter=name)}) for name in NAMES
        ] + [step(f"{name}__", "echo", outputs=["o"], **{name: ref(step=f"{name}_", output=name)}) for name in NAMES]
        code = "def echo(**given):\n    print(*given, *given.values())\n    return next(iter(given.values()))"
        attempt = self.finished(self.attempt(code, steps, parameters={name: name for name in NAMES}))
        self.assertEqual([f"{name} {name}" for name in NAMES * 2], attempt.lines())

    def test_what_is_called_stands_in_the_plugins_own_file(self) -> None:
        """A plugin with the name of a module that is loaded would lend its name to what that module does."""
        for plugin in ("os", "builtins", "alidade", "json"):
            with self.subTest(plugin):
                lie = {**step("lie", "getattr"), "module": plugin}
                attempt = self.attempt("", [lie], files={f"{plugin}/__init__.py": "def getattr(): print('own')"})
                report = attempt.run()
                self.assertEqual(("failed", "user_error"), (report["outcome"], report["reason"]))
                self.assertIn(f"the plugin {plugin!r} has the name of a Python module", report["message"])


class Row(NamedTuple):
    name: str
    code: str
    said: Tuple[str, ...]


SEES_NOTHING = """
for path in ("/proc/1/environ", "/proc/1/cmdline", "/proc/self/environ"):
    try:
        text = open(path, "rb").read()
        print("secret" if b"ALIDADE_TOKEN" in text or b"--token" in text else "nothing")
    except OSError as error:
        print("nothing")
print([path for path in ("/var/run/docker.sock", "/run/docker.sock", os.path.expanduser("~/.aws"), "/root/.ssh") if os.path.exists(path)])
"""

ROWS = [
    Row("sees no secrets of others", SEES_NOTHING, ("nothing", "nothing", "nothing", "[]")),
    Row(
        "names a file of a terabyte and takes no room",
        "with open('sparse', 'wb') as file:\n    file.truncate(1 << 40)\nprint(os.stat('sparse').st_blocks)",
        ("0",),
    ),
    Row(
        "starts threads without end",
        "import threading\nstop = threading.Event()\ntry:\n    for number in range(10 ** 6):\n        threading.Thread(target=stop.wait, daemon=True).start()\n"
        "except RuntimeError as error:\n    print(error)\nfinally:\n    stop.set()",
        ("can't start new thread",),
    ),
    Row(
        "fills shared memory",
        "try:\n    with open('/dev/shm/full', 'wb') as file:\n        while True:\n            file.write(bytes(1 << 20))\n"
        "except OSError as error:\n    print(errno.errorcode[error.errno])\nfinally:\n    os.unlink('/dev/shm/full')",
        ("ENOSPC",),
    ),
    Row(
        "hands over what is not its own",
        "os.symlink('/etc/shadow', 'link')\ntry:\n    alidade.log_artifact('link')\nexcept FileNotFoundError as error:\n    print(type(error).__name__)",
        ("FileNotFoundError",),
    ),
]


class HoldTests(JobTest):
    level = "L1"

    def test_only_the_job_itself_feels_what_it_does(self) -> None:
        for row in ROWS:
            with self.subTest(row.name):
                code = "import alidade, errno, os\ndef main():\n" + textwrap.indent(row.code, "    ")
                attempt = self.finished(self.attempt(code, limits={"processes": 200, "memory": 512 << 20}))
                self.assertEqual(row.said, tuple(attempt.lines("stdout")))
        self.assertFalse(os.path.exists("/dev/shm/full"))

