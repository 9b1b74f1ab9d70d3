"""Errors of the package."""

from __future__ import annotations


class AlidadeError(Exception):
    """Base of all errors raised by this package."""


class OutsideJobError(AlidadeError):
    """A function that needs a running job was called elsewhere."""


class JobCancelled(BaseException):
    """Raised in a task when its job is cancelled or its time is up.

    Derives from BaseException, as KeyboardInterrupt does, so that ``except Exception`` lets it pass;
    ``finally`` blocks run. What is still alive when the grace time is over is killed.
    """
