"""Loggers that carry bound key-values, over the standard library's."""

from __future__ import annotations

import logging
import sys
from typing import Any, Dict, Optional

from alidade._host.logs import render_event

__all__ = ["BoundLogger", "get_logger"]


class BoundLogger:
    """Renders an event and its key-values as ``event key=value``."""

    def __init__(self, logger: logging.Logger, context: Dict[str, Any]) -> None:
        self._logger = logger
        self._context = context

    def bind(self, **values: Any) -> "BoundLogger":
        return BoundLogger(self._logger, {**self._context, **values})

    def new(self, **values: Any) -> "BoundLogger":
        return BoundLogger(self._logger, values)

    def unbind(self, *keys: str) -> "BoundLogger":
        missing = [key for key in keys if key not in self._context]
        if missing:
            raise KeyError(missing[0])
        return self.try_unbind(*keys)

    def try_unbind(self, *keys: str) -> "BoundLogger":
        return BoundLogger(self._logger, {key: value for key, value in self._context.items() if key not in keys})

    def debug(self, event: Any = None, *args: Any, **values: Any) -> None:
        self._log(logging.DEBUG, event, args, values)

    def info(self, event: Any = None, *args: Any, **values: Any) -> None:
        self._log(logging.INFO, event, args, values)

    def warning(self, event: Any = None, *args: Any, **values: Any) -> None:
        self._log(logging.WARNING, event, args, values)

    def error(self, event: Any = None, *args: Any, **values: Any) -> None:
        self._log(logging.ERROR, event, args, values)

    def critical(self, event: Any = None, *args: Any, **values: Any) -> None:
        self._log(logging.CRITICAL, event, args, values)

    def exception(self, event: Any = None, *args: Any, **values: Any) -> None:
        self._log(logging.ERROR, event, args, {"exc_info": True, **values})

    def log(self, level: int, event: Any = None, *args: Any, **values: Any) -> None:
        self._log(level, event, args, values)

    warn = warning
    fatal = critical
    msg = info

    def _log(self, level: int, event: Any, args: Any, values: Dict[str, Any]) -> None:
        if not self._logger.isEnabledFor(level):
            return
        exc_info = values.pop("exc_info", None)
        text = str(event) % args if args else event
        self._logger.log(level, "%s", render_event(text, {**self._context, **values}), exc_info=exc_info)


def get_logger(*args: Any, **initial_values: Any) -> BoundLogger:
    """A logger of the calling module, or of the name given."""
    name: Optional[str] = args[0] if args and isinstance(args[0], str) else None
    if name is None:
        name = sys._getframe(1).f_globals.get("__name__", "root")
    return BoundLogger(logging.getLogger(name), dict(initial_values))

