"""What user code may ask about the job it runs in."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any, Dict

from . import _job
from .errors import AlidadeError


def params() -> Dict[str, Any]:
    """The parameters of the entrypoint with this job's values. The dict is a copy."""
    return copy.deepcopy(_job.current("params").parameters)


def workdir() -> Path:
    """The job's working directory, its own and writable."""
    return Path(os.path.join(_job.current("workdir").folder, "work"))


def data(name: str) -> Path:
    """A data folder of the worker, by its name. It is to be read only.

    The entrypoint names the folders its jobs need, as ``dataFolders``. Programs that a job starts find the
    same under ``$ALIDADE_DATA/NAME``.
    """
    job = _job.current("data")
    if name not in job.data_folders:
        known = ", ".join(job.data_folders) or "none"
        raise AlidadeError(
            f"this job has no data folder {name!r} (it has {known}); name it in the dataFolders of the entrypoint"
        )
    return Path(job.data, name)


def secret(name: str) -> str:
    """A secret of the job's group, by its name.

    The entrypoint names the secrets its jobs are given, as ``secrets``. What is printed or logged of one
    is taken out of the log; do not rely on that, and never record one.
    """
    return secret_path(name).read_text(encoding="utf-8")


def secret_path(name: str) -> Path:
    """The file that holds a secret, for programs that read one. It is gone when the job ends."""
    job = _job.current("secret")
    if name not in job.secret_names:
        known = ", ".join(sorted(job.secret_names)) or "none"
        raise AlidadeError(
            f"this job was given no secret {name!r} (it has {known}); name it in the secrets of the entrypoint"
        )
    return Path(job.secrets, name)


def job_id() -> int:
    """The id of the job."""
    return _job.current("job_id").id


def seed() -> int:
    """The seed that random, numpy and torch were set from."""
    return _job.current("seed").seed
