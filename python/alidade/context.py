"""What user code may ask about the job it runs in."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any, Dict

from . import _job


def params() -> Dict[str, Any]:
    """The parameters of the entrypoint with this job's values. The dict is a copy."""
    return copy.deepcopy(_job.current("params").parameters)


def workdir() -> Path:
    """The job's working directory, its own and writable."""
    return Path(os.path.join(_job.current("workdir").folder, "work"))


def job_id() -> int:
    """The id of the job."""
    return _job.current("job_id").id


def seed() -> int:
    """The seed that random, numpy and torch were set from."""
    return _job.current("seed").seed
