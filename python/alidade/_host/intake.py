"""Takes in what the job sends and turns it into events. Nothing the job sends is trusted."""

from __future__ import annotations

import json
import math
import re
import time
from typing import Any, Callable, Dict, Optional

from .. import _names
from . import frames
from .events import EventWriter
from .lines import LineAssembler, cut
from .redaction import Redactor, StreamRedactor

_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
_STATES = frozenset({"running", "finished", "failed"})
_REASONS = frozenset({"user_error", "killed", "oom", "env_setup"})
_ROOT = re.compile(r"outputs/\d{6}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MAX_VALUE = 256 * 1024
_MAX_DEPTH = 32
_MAX_MESSAGE = 16 * 1024
_MAX_TRACEBACK = 256 * 1024
# The last microsecond of the year 9999, the latest moment that can be written as a date.
_MAX_TIME = 253_402_300_799_999_999


class Refused(Exception):
    """A message that is not as the protocol has it."""


class Intake:
    """Knows the running step, counts against the quota of the log, and remembers what the host said last."""

    def __init__(self, writer: EventWriter, log_bytes: int, redactor: Optional[Redactor] = None) -> None:
        self.step: Optional[str] = None
        self.step_began = 0.0
        self.is_done = False
        self.failure: Optional[Dict[str, Any]] = None
        self._writer = writer
        self._budget = log_bytes
        self._lost = 0
        self._assemblers = {
            "pipe stdout": LineAssembler(),
            "pipe stderr": LineAssembler(),
            "host stdout": LineAssembler(),
            "host stderr": LineAssembler(),
        }
        self._redactor = redactor or Redactor({})
        self._streams = {key: StreamRedactor(self._redactor) for key in self._assemblers}

    def output(self, source: str, stream: str, data: bytes) -> None:
        """Bytes of ``stdout`` or ``stderr``, from the ``pipe`` or through the ``host``."""
        key = f"{source} {stream}"
        for line in self._assemblers[key].feed(self._streams[key].feed(data)):
            self._line(stream, "INFO", line, self.step)

    def frame(self, kind: bytes, payload: bytes) -> None:
        if kind == frames.STDOUT:
            self.output("host", "stdout", payload)
        elif kind == frames.STDERR:
            self.output("host", "stderr", payload)
        elif kind == frames.EVENT:
            try:
                self._event(payload)
            except Refused as reason:
                self.system("WARNING", f"a message of the job was dropped: {reason}")
        else:
            raise frames.FrameError(f"a record of the unknown kind {kind!r}")

    def system(self, level: str, text: str) -> None:
        """A line that comes from the platform; it is not counted against the quota."""
        self._writer.log("system", level, cut(self._redactor.text(text)), self.step)

    def measured(self, name: str, value: float, step: int) -> None:
        """A point of a series that comes from the platform."""
        self._writer.add("metric", {"name": name, "value": value, "step": step})

    def finish(self) -> None:
        """The last lines, and the last word about the quota."""
        for key, assembler in self._assemblers.items():
            for line in assembler.feed(self._streams[key].finish()) + assembler.finish():
                self._line(key.split()[1], "INFO", line, self.step)
        if self._lost:
            self._writer.add("lost", {"what": "log", "count": self._lost})

    def _end_lines(self) -> None:
        """A line without a line feed ends with the step that wrote it.

        Unless it ends in what may be the beginning of a secret: a program that goes on may write the rest.
        """
        for key, assembler in self._assemblers.items():
            if not self._streams[key].is_holding:
                for line in filter(str.strip, assembler.finish()):
                    self._line(key.split()[1], "INFO", line, self.step)

    def _line(self, stream: str, level: str, text: str, step: Optional[str], logger: Optional[str] = None) -> None:
        self._budget -= len(text) + 1
        if self._budget >= 0:
            self._writer.log(stream, level, text, step, logger)
            return
        self._lost += 1
        if self._lost == 1:
            self._writer.add("lost", {"what": "log", "count": 1})

    def _event(self, payload: bytes) -> None:
        try:
            message = json.loads(payload, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Refused("it is not JSON") from None
        kind = message.get("k") if isinstance(message, dict) else None
        handler = _HANDLERS.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise Refused("its kind is unknown")
        files = message.pop("files", None)
        try:
            message = self._redactor.value(message)
        except RecursionError:
            raise Refused("it is nested too deep") from None
        if files is not None:
            message["files"] = files
        handler(self, message)

    def _log(self, message: Dict[str, Any]) -> None:
        level = message.get("l")
        logger = message.get("logger")
        text = message.get("m")
        if level not in _LEVELS or not isinstance(text, str) or not isinstance(logger, (str, type(None))):
            raise Refused("a log record without level or text")
        stream = "stderr" if message.get("s") == "stderr" else "log"
        step = _name(message, "step") if message.get("step") is not None else self.step
        for line in text.splitlines() or [""]:
            self._line(stream, level, cut(line).replace("\0", "\ufffd"), step, logger and logger[: _names.MAX_LENGTH])

    def _step(self, message: Dict[str, Any]) -> None:
        members = {"step": _name(message, "step"), "state": message.get("state")}
        if members["state"] not in _STATES:
            raise Refused(f"the state of step {members['step']!r}")
        if message.get("error") is not None:
            members["error"] = cut(str(message["error"]))
        if self.step is not None:
            self._end_lines()
        self.step = members["step"] if members["state"] == "running" else None
        self.step_began = time.monotonic()
        self._writer.add("step", members)

    def _metric(self, message: Dict[str, Any]) -> None:
        value, step = message.get("value"), message.get("step")
        members = {"name": _name(message), "value": value, "step": step}
        if not _is_number(value) or not _is_integer(step) or not -(2**63) <= step < 2**63:
            raise Refused(f"the value or step of metric {members['name']!r}")
        if message.get("at") is not None:
            if not _is_integer(message["at"]) or not 0 <= message["at"] <= _MAX_TIME:
                raise Refused(f"the time of metric {members['name']!r}")
            members["at"] = message["at"]
        self._writer.add("metric", members)

    def _result(self, message: Dict[str, Any]) -> None:
        if _is_deeper(message.get("value"), _MAX_DEPTH):
            raise Refused(f"a result nested deeper than {_MAX_DEPTH}")
        try:
            size = len(json.dumps(message["value"], allow_nan=False))
        except (KeyError, ValueError):
            raise Refused("a result without a value that JSON can hold") from None
        if size > _MAX_VALUE:
            raise Refused("a result above 256 KiB")
        self._writer.add("result", {"name": _name(message), "value": message["value"]})

    def _text(self, message: Dict[str, Any]) -> None:
        value = message.get("value")
        if not isinstance(value, str) or len(value) > _MAX_VALUE:
            raise Refused(f"the value of {message['k']} {message.get('name')!r} is no text, or above 256 KiB")
        self._writer.add(message["k"], {"name": _name(message), "value": value})

    def _artifact(self, message: Dict[str, Any]) -> None:
        root, files = message.get("root"), message.get("files")
        members: Dict[str, Any] = {"name": _name(message), "root": root, "folder": message.get("folder") is True}
        if not isinstance(root, str) or not _ROOT.match(root) or not isinstance(files, list):
            raise Refused(f"the place of artifact {members['name']!r}")
        members["files"] = [_file(entry) for entry in files]
        if any(self._redactor.text(file["path"]) != file["path"] for file in members["files"]):
            raise Refused("the path of an artifact's file holds a secret")
        for optional in ("mediaType", "description"):
            if isinstance(message.get(optional), str):
                members[optional] = message[optional][: _names.MAX_LENGTH]
        task = message.get("task")
        if isinstance(task, dict):
            members["task"] = {"module": _name(task, "module"), "name": _name(task)}
        self._writer.add("artifact", members)

    def _done(self, _message: Dict[str, Any]) -> None:
        self.is_done = True

    def _failed(self, message: Dict[str, Any]) -> None:
        self.failure = {
            key: value if len(value) <= _LONGEST[key] else value[: _LONGEST[key]] + " …"
            for key, value in message.items()
            if key in _LONGEST and isinstance(value, str)
        }
        reason = message.get("reason")
        self.failure["reason"] = reason if reason in _REASONS else "user_error"


_HANDLERS: Dict[str, Callable[[Intake, Dict[str, Any]], None]] = {
    "log": Intake._log,
    "step": Intake._step,
    "metric": Intake._metric,
    "result": Intake._result,
    "parameter": Intake._text,
    "tag": Intake._text,
    "artifact": Intake._artifact,
    "done": Intake._done,
    "failed": Intake._failed,
}

_LONGEST = {
    "message": _MAX_MESSAGE,
    "traceback": _MAX_TRACEBACK,
    "fullTraceback": _MAX_TRACEBACK,
    "step": _names.MAX_LENGTH,
}


def _is_deeper(value: Any, most: int) -> bool:
    """Level by level: recursion would end where the job's own nesting makes it end."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
    return bool(level)


def _name(message: Dict[str, Any], key: str = "name") -> str:
    name = message.get(key)
    if not isinstance(name, str) or not _names.is_name(name):
        raise Refused(f"its {key} is no text of 1 to {_names.MAX_LENGTH} characters without NUL")
    return name


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("$") == "float" and value.get("v") in ("nan", "inf", "-inf")
    return isinstance(value, float) and math.isfinite(value) or _is_integer(value) and abs(value) <= 2**53


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _file(entry: Any) -> Dict[str, Any]:
    path = entry.get("path") if isinstance(entry, dict) else None
    parts = path.split("/") if isinstance(path, str) else [""]
    if "\0" in (path or "") or any(part in ("", ".", "..") for part in parts):
        raise Refused(f"the path {path!r} of an artifact's file")
    size, digest = entry.get("size"), entry.get("sha256")
    if not _is_integer(size) or size < 0 or not isinstance(digest, str) or not _SHA256.match(digest):
        raise Refused(f"size or sha256 of {path!r}")
    return {"path": path, "size": size, "sha256": digest}
