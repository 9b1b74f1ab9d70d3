"""Alidade for user code: tasks, and what they record while they run as a job.

    import alidade

    @alidade.task
    def train(epochs: int) -> float:
        for epoch in range(epochs):
            alidade.log_metric("loss", 1 / (epoch + 1))
        return 0.5
"""

from __future__ import annotations

__version__ = "0.1.0"

from .context import data, job_id, params, secret, secret_path, seed, workdir
from .errors import AlidadeError, JobCancelled, OutsideJobError
from .streams import artifact_path, open_artifact
from .tasks import register, task
from .tracking import (
    log_artifact,
    log_figure,
    log_json,
    log_metric,
    log_metrics,
    log_parameter,
    log_result,
    log_text,
    set_tag,
)

__all__ = [
    "AlidadeError",
    "JobCancelled",
    "OutsideJobError",
    "artifact_path",
    "data",
    "job_id",
    "log_artifact",
    "log_figure",
    "log_json",
    "log_metric",
    "log_metrics",
    "log_parameter",
    "log_result",
    "log_text",
    "open_artifact",
    "params",
    "register",
    "secret",
    "secret_path",
    "seed",
    "set_tag",
    "task",
    "workdir",
]
