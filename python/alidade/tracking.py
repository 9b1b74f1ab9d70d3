"""What user code records from inside a job."""

from __future__ import annotations

import json
import math
import mimetypes
import os
import re
import shutil
import tempfile
import warnings
from typing import Any, Mapping, Optional

from . import _job, _names, _values
from ._host.handover import keep

_MAX_VALUE = 256 * 1024
_METRIC_NAME = re.compile(r"(?:[A-Z]|[A-Z_][A-Z0-9_]+)\Z", re.IGNORECASE)


def log_metric(name: str, value: float, step: Optional[int] = None) -> None:
    """Adds a point to a series. Without ``step`` the points of a series count from 0."""
    job = _job.current("log_metric")
    if not isinstance(name, str) or not _METRIC_NAME.match(name):
        raise ValueError(
            f"metric name {_names.shown(name)}: use letters, digits and _, beginning with a letter or _ (a lone _ is no name)"
        )
    _check_name("log_metric", name)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"metric {name!r}: the value {value!r} is not a number") from None
    position = job.next_steps.get(name, 0) if step is None else _whole(name, step)
    if not -(2**63) <= position < 2**63 - 1:
        raise ValueError(f"metric {name!r}: the step {position} is no 64-bit number")
    job.next_steps[name] = position + 1
    encoded = number if math.isfinite(number) else _values.encode(number)
    job.channel.event("metric", name=name, value=encoded, step=position)


def _whole(name: str, step: Any) -> int:
    """A training of days must not end for a fraction; its log says once what became of it."""
    whole = int(step)
    if not isinstance(step, str) and whole != step:
        warnings.warn(f"metric {name!r}: steps are whole numbers, so {step!r} is recorded as {whole}", stacklevel=3)
    return whole


def log_metrics(metrics: Mapping[str, float], step: Optional[int] = None) -> None:
    """Adds a point to each of several series."""
    for name, value in metrics.items():
        log_metric(name, value, step)


def log_result(name: str, value: Any) -> None:
    """Records a last value of the job: a number, text, list or dict. The newest of a name stands.

    JSON has no NaN and no infinity: they are recorded as the texts ``NaN``, ``Infinity`` and ``-Infinity``.
    """
    _record("log_result", "result", name, _values.plain(value))


def log_parameter(name: str, value: Any) -> None:
    """Records a parameter on the job's run, beside those it was submitted with."""
    _record("log_parameter", "parameter", name, str(value))


def set_tag(name: str, value: Any) -> None:
    """Puts a tag on the job's run."""
    _record("set_tag", "tag", name, str(value))


def log_artifact(
    path: "str | os.PathLike[str]",
    name: Optional[str] = None,
    *,
    description: Optional[str] = None,
    media_type: Optional[str] = None,
) -> None:
    """Keeps a copy of a file or folder, as it is now, with the job.

    Without ``name`` the artifact is called as the file or folder is.
    """
    job = _job.current("log_artifact")
    source = os.path.abspath(os.fspath(path))
    name = _names.checked_artifact("log_artifact", name or os.path.basename(source))
    if media_type is None and not os.path.isdir(source):
        media_type = mimetypes.guess_type(os.path.basename(source))[0]
    if os.path.exists(source):
        job.take_place("log_artifact", name, os.path.isfile(source) and os.path.basename(source) == name)
    keep(job.channel, job.folder, source, name, mediaType=media_type, description=description)


def log_text(name: str, text: str, **options: Any) -> None:
    """Keeps a text as a file of this name (``.txt`` is added when it has no ending)."""
    if not isinstance(text, str):
        raise TypeError(f"log_text({_names.shown(name)}): a text is needed, not {type(text).__name__}; log_json takes values")
    _log_content("log_text", name, ".txt", text.encode(), options)


def log_json(name: str, value: Any, **options: Any) -> None:
    """Keeps a value as a JSON file of this name (``.json`` is added when it has no ending)."""
    try:
        data = json.dumps(value, indent=2, ensure_ascii=False, default=_plain).encode()
    except TypeError as error:
        raise TypeError(f"log_json({_names.shown(name)}): {error}") from None
    _log_content("log_json", name, ".json", data, options)


def log_figure(name: str, figure: Any, **options: Any) -> None:
    """Keeps a matplotlib figure as an image of this name; its ending says the format, ``.png`` without."""
    _job.current("log_figure")
    if not hasattr(figure, "savefig"):
        raise TypeError(f"log_figure({name!r}): {type(figure).__name__} has no savefig; pass a matplotlib figure")
    with _scratch("log_figure", name, ".png") as path:
        figure.savefig(path)
        log_artifact(path, name, **options)


class _scratch:
    """A path for a file to be handed over, gone afterwards."""

    def __init__(self, function: str, name: str, ending: str) -> None:
        file = _names.checked_artifact(function, name)
        self._file = file if os.path.splitext(file)[1] else file + ending

    def __enter__(self) -> str:
        self._folder = tempfile.mkdtemp(prefix="alidade-")
        return os.path.join(self._folder, self._file)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _log_content(function: str, name: str, ending: str, data: bytes, options: Mapping[str, Any]) -> None:
    _job.current(function)
    with _scratch(function, name, ending) as path:
        with open(path, "wb") as file:
            file.write(data)
        log_artifact(path, name, **options)


def _record(function: str, kind: str, name: str, value: Any) -> None:
    job = _job.current(function)
    _check_name(function, name)
    size = len(json.dumps(value))
    if size > _MAX_VALUE:
        raise ValueError(
            f"{function}: the value of {_names.shown(name)} takes {size} bytes, more than 256 KiB; log it as an artifact"
        )
    job.channel.event(kind, name=name, value=value)


def _check_name(function: str, name: Any) -> None:
    if not _names.is_name(name):
        raise ValueError(
            f"{function}: the name {_names.shown(name)} must be a text of 1 to {_names.MAX_LENGTH} characters without NUL"
            + (f"; it has {len(name)}" if isinstance(name, str) else "")
        )


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        return value.tolist()
    raise TypeError(f"a value of type {type(value).__name__} has no JSON form; give a number, a text, a list or a dict")
