"""The job this process runs in, if any. Set by the task host, read by the functions for user code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from .errors import OutsideJobError

if TYPE_CHECKING:
    from ._host.channel import Channel


@dataclass
class Job:
    """What user code may know about the job it runs in."""

    id: int
    attempt: int
    seed: int
    folder: str
    parameters: Dict[str, Any]
    channel: "Channel"
    data: str = ""
    data_folders: Tuple[str, ...] = ()
    secrets: str = ""
    secret_names: Tuple[str, ...] = ()
    next_steps: Dict[str, int] = field(default_factory=dict)
    is_file: Dict[str, bool] = field(default_factory=dict)
    """Of each artifact that was recorded, whether it is one file of its very name."""

    def take_place(self, function: str, name: str, is_file: bool) -> None:
        """In the run, a file of this name and a folder of it would hide each other."""
        if self.is_file.setdefault(name, is_file) != is_file:
            was, now = ("a folder", "a file") if is_file else ("a file", "a folder")
            raise ValueError(f"{function}: the artifact {name!r} is {was} already and cannot be {now}; give this one another name")


_current: Optional[Job] = None


def enter(job: Job) -> None:
    global _current
    _current = job


def current(what: str) -> Job:
    """The job, or an error that says how to be in one."""
    if _current is None:
        raise OutsideJobError(
            f"alidade.{what}() works only inside a job. Run this file as one with: alidade run FILE.py, "
            "or submit an entrypoint whose task calls it."
        )
    return _current
