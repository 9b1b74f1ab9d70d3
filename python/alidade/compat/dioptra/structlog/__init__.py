"""A small stand-in for structlog, for jobs whose environment lacks it: key-values on top of ``logging``."""

from __future__ import annotations

from typing import Any

from . import stdlib
from .stdlib import BoundLogger, get_logger

__all__ = ["BoundLogger", "configure", "getLogger", "get_logger", "stdlib"]

getLogger = get_logger


def configure(*_arguments: Any, **_options: Any) -> None:
    """Accepted and without effect: records go to the job's log in one form."""
