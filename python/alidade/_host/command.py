"""A step that is a plain command: its arguments by position, its environment variables by name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any, List

_ALIDADE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "compat", "command")


class CommandError(Exception):
    """The command did not end well; the text says how."""


def run(*arguments: Any, **variables: Any) -> None:
    """Runs it in the job's working directory, its output in the job's log.

    A single text is a line for the shell; several are a program and its arguments, as they are.
    """
    words = [_text(argument) for argument in arguments]
    _run(["/bin/sh", "-c", words[0]] if len(words) == 1 else words, words, variables)


def program(*arguments: Any, **variables: Any) -> None:
    """As :func:`run`, a program also where it has no arguments: what the graph says with a list of one."""
    words = [_text(argument) for argument in arguments]
    _run(words, words, variables)


def _run(command: List[str], words: List[str], variables: "dict[str, Any]") -> None:
    try:
        process = subprocess.Popen(command, env=_environment(variables), stdin=subprocess.DEVNULL)
    except OSError as error:
        raise CommandError(f"{words[0]!r} cannot be started: {error.strerror}") from None
    try:
        code = process.wait()
    except BaseException:
        process.wait()  # it was asked to end as we were; who ignores that is ended after the grace time
        raise
    if code < 0:
        raise CommandError(f"{_shown(words)} was ended by {_signal(-code)}")
    if code > 0:
        raise CommandError(f"{_shown(words)} ended with exit code {code}")


def _environment(variables: "dict[str, Any]") -> "dict[str, str]":
    """The job's own; the plugins, beside the working directory, and this package are importable there as they are here."""
    plugins = os.path.join(os.path.dirname(os.getcwd()), "plugins")
    given = {name: _text(value) for name, value in variables.items()}
    return {**os.environ, "PYTHONPATH": f"{plugins}:{_ALIDADE}", "ALIDADE_PLUGINS": plugins, **given}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, list, tuple, dict)):
        return json.dumps(value)
    return str(value)


def _shown(words: List[str]) -> str:
    text = " ".join(words)
    return repr(text if len(text) <= 100 else text[:100] + " ...")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
