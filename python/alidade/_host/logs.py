"""Log records of user code, on their way to the supervisor."""

from __future__ import annotations

import logging
import warnings
from types import ModuleType
from typing import Any, Dict, Mapping, Tuple

from .channel import Channel
from .imports import after_import


def prepare(channel: Channel) -> logging.Handler:
    """Sends the records of ``warnings`` to ``logging``, which takes them from INFO on.

    :returns: What sends them to the job's log, once it has taken over.
    """
    logging.getLogger().setLevel(logging.INFO)
    logging.captureWarnings(True)
    # The place of a warning says more than its text alone; the source line that Python adds does not.
    warnings.formatwarning = lambda message, category, filename, lineno, line=None: (
        f"{filename}:{lineno}: {category.__name__}: {message}"
    )
    return _ChannelHandler(channel)


def take_over(handler: logging.Handler) -> None:
    """Whatever else the records went to, they go to the job's log now, and so do those of structlog."""
    logging.getLogger().handlers[:] = [handler]
    after_import({"structlog": _configure_structlog})


def render_event(event: Any, values: Mapping[str, Any]) -> str:
    """``event key=value ...``, as structured loggers are shown in a log of lines."""
    pairs = (f"{key}={_show(value)}" for key, value in values.items())
    return " ".join([*([] if event is None else [str(event)]), *pairs])


class _ChannelHandler(logging.Handler):
    """The level and the logger travel beside the text."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._channel.event("log", l=_level(record.levelno), m=self.format(record), logger=record.name)
        except Exception:
            self.handleError(record)


def _level(number: int) -> str:
    for limit, name in ((50, "CRITICAL"), (40, "ERROR"), (30, "WARNING"), (20, "INFO")):
        if number >= limit:
            return name
    return "DEBUG"


def _configure_structlog(structlog: ModuleType) -> None:
    """A default only: what user code configures itself stands."""
    if not hasattr(structlog, "processors"):
        return  # our stand-in
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            _render,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(ignore_frame_names=["alidade"]),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _render(_logger: Any, _method: str, values: Dict[str, Any]) -> Tuple[Tuple[str, ...], Dict[str, Any]]:
    options = {name: values.pop(name) for name in ("exc_info", "stack_info") if name in values}
    event = values.pop("event", None)
    return ("%s", render_event(event, values)), options


def _show(value: Any) -> str:
    if not isinstance(value, str):
        return repr(value)
    return repr(value) if not value or any(character.isspace() or character in "='\"" for character in value) else value
