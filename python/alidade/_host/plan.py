"""Executes a compiled plan. What the graph means was decided when the plan was made."""

from __future__ import annotations

import importlib
import logging
import os
from pathlib import Path
from typing import Any, Dict, List, Optional

from .. import _names, _values
from .channel import Channel, flush_output
from .handover import keep

_MAX_TEXT = 4000
_COMMAND = "alidade._host.command"
# Flags of code, as inspect names them: its import would cost every job.
_GENERATOR = 0x20
_ASYNC = 0x80 | 0x200
_log = logging.getLogger("alidade")


class PlanError(Exception):
    """The plan itself cannot be executed: no fault of the user's code."""


class PlanRunner:
    """Runs the steps in their order and keeps what they return for those that refer to it."""

    def __init__(self, plan: Dict[str, Any], folder: str, channel: Channel) -> None:
        self.step: Optional[str] = None
        self.artifact: Optional[str] = None
        """What is read or written between the steps, for the message when that fails."""
        self._plan = plan
        self._folder = folder
        self._channel = channel
        self._outputs: Dict[str, Dict[str, Any]] = {}
        self._inputs: Dict[str, Dict[str, Any]] = {}
        self._loaded: Dict[str, Any] = {}
        self.parameters: Dict[str, Any] = _values.decode(plan.get("parameters") or {})

    def run(self) -> None:
        steps = _list(self._plan, "steps")
        self._load(steps)
        for artifact in _list(self._plan, "inputs"):
            self.artifact = f"artifact input {artifact['name']!r}"
            self._read_input(artifact)
        self.artifact = None
        for step in steps:
            self._run_step(step)
        for artifact in _list(self._plan, "outputs"):
            self.artifact = f"artifact output {artifact['name']!r}"
            self._write_output(artifact)

    def _load(self, steps: List[Dict[str, Any]]) -> None:
        """Imports everything first: a mistake in the last step's file shows before the first has run."""
        for step in steps:
            self.step = step["name"]
            try:
                self._loaded[self.step] = found = self._find(step["module"], step["function"])
                _require_body(step, found)
            except BaseException as error:
                self._step_failed(error)
                raise
        self.step = None
        for artifact in _list(self._plan, "outputs"):
            _names.checked_artifact("artifact graph", artifact["name"])
        for artifact in [*_list(self._plan, "inputs"), *_list(self._plan, "outputs")]:
            self._find(artifact["task"]["module"], artifact["task"]["name"])

    def _find(self, module: str, name: str) -> Any:
        if module != _COMMAND:
            self._require_plugin(module.partition(".")[0])
        found = getattr(importlib.import_module(module), name, None)
        if found is None:
            raise ImportError(f"the plugin module {module!r} has no {name!r}")
        return found

    def _require_plugin(self, plugin: str) -> None:
        """A plugin named like a module that is there already is not the one that an import finds."""
        folder = os.path.join(self._folder, "plugins", plugin)
        if folder not in getattr(importlib.import_module(plugin), "__path__", ()):
            raise ImportError(f"the plugin {plugin!r} has the name of a Python module that is there already: rename the plugin")

    def _run_step(self, step: Dict[str, Any]) -> None:
        name = self.step = step["name"]
        self._require_own_process()
        self._channel.event("step", step=name, state="running")
        try:
            arguments = [self._value(item) for item in step.get("args") or []]
            keywords = {key: self._value(item) for key, item in (step.get("kwargs") or {}).items()}
            returned = self._loaded[name](*arguments, **keywords)
            self._outputs[name] = _named(f"step {name!r}", step.get("outputs") or [], returned)
        except BaseException as error:
            self._step_failed(error)
            raise
        flush_output()
        self._require_own_process()
        self._channel.event("step", step=name, state="finished")
        self.step = None

    def _require_own_process(self) -> None:
        """A process that user code has forked, and let return, has come to its end: the plan goes on in its parent."""
        if not self._channel.is_own:
            raise SystemExit(0)

    def _step_failed(self, error: BaseException) -> None:
        if not self._channel.is_own:
            return
        flush_output()
        self._channel.event("step", step=self.step, state="failed", error=describe(error))

    def _read_input(self, artifact: Dict[str, Any]) -> None:
        """The artifact's folder holds one entry, the file or folder to read."""
        name = artifact["name"]
        folder = os.path.join(self._folder, artifact["path"])
        entries = os.listdir(folder)
        if len(entries) != 1:
            raise PlanError(f"{artifact['path']} holds {len(entries)} entries; an artifact input is exactly one")
        task = self._find(artifact["task"]["module"], artifact["task"]["name"])
        contents = task.deserialize(Path(folder), entries[0])
        self._inputs[name] = _named(f"artifact input {name!r}", artifact.get("outputs") or [], contents)

    def _write_output(self, artifact: Dict[str, Any]) -> None:
        name, task = artifact["name"], artifact["task"]
        arguments = {key: self._value(item) for key, item in (artifact.get("args") or {}).items()}
        contents = self._value(artifact["contents"])
        path = self._find(task["module"], task["name"]).serialize(Path.cwd(), name, contents, **arguments)
        self._require_own_process()
        keep(self._channel, self._folder, os.fspath(path), name, task=task)

    def _value(self, value: Any) -> Any:
        return _values.decode(value, self._resolve)

    def _resolve(self, reference: Dict[str, str]) -> Any:
        if "parameter" in reference:
            return self._parameter(reference["parameter"])
        if "step" in reference:
            return _pick(f"step {reference['step']!r}", self._outputs.get(reference["step"]), reference.get("output"))
        if "artifact" in reference:
            name = reference["artifact"]
            return _pick(f"artifact input {name!r}", self._inputs.get(name), reference.get("output"))
        raise PlanError(f"the reference {reference!r} names no parameter, step or artifact")

    def _parameter(self, name: str) -> Any:
        if name not in self.parameters:
            raise PlanError(f"the plan refers to the parameter {name!r}, which has no value")
        return self.parameters[name]


def _require_body(step: Dict[str, Any], function: Any) -> None:
    """A call of these runs nothing of them. What a generator yields is an output, or read by a later step."""
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    if flags & _ASYNC:
        kind = "async"
    elif flags & _GENERATOR and not step.get("outputs"):
        kind = "a generator function and declares no output"
    else:
        return
    raise TypeError(f"{step['function']}() is {kind}, so its body would never run; a step calls a plain function")


def describe(error: BaseException) -> str:
    """One line that says what happened."""
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be shown)"
    text = text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + " ..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _named(owner: str, names: List[str], returned: Any) -> Dict[str, Any]:
    """The declared outputs: one takes the value, several take its items, none drops it."""
    if len(names) <= 1:
        return dict.fromkeys(names, returned)
    try:
        items = list(returned)
    except TypeError:
        raise TypeError(
            f"{owner} declares the outputs {', '.join(names)} but returned one {type(returned).__name__}; "
            "return a tuple with an item for each"
        ) from None
    if len(items) != len(names):
        declared = ", ".join(names)
        _log.warning("%s declares %d outputs (%s) but returned %d items", owner, len(names), declared, len(items))
    return dict(zip(names, items))


def _pick(owner: str, outputs: Optional[Dict[str, Any]], name: Optional[str]) -> Any:
    if outputs is None:
        raise PlanError(f"the plan refers to {owner}, which has not run")
    if name is None and len(outputs) == 1:
        return next(iter(outputs.values()))
    if name not in outputs:
        given = ", ".join(outputs) or "none"
        raise LookupError(f"{owner} has no output {name or '(unnamed)'!r}; it has: {given}")
    return outputs[name]


def _list(plan: Dict[str, Any], member: str) -> List[Dict[str, Any]]:
    return plan.get(member) or []
