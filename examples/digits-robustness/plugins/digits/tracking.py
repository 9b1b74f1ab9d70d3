"""Metrics of the running job, by Dioptra's own way for plugins; outside a job they are not recorded."""

import functools
import logging
import os
from typing import Any

LOGGER = logging.getLogger(__name__)


def metric(name: str, value: float, step: int) -> None:
    job = os.environ.get("__JOB_ID")
    if job is not None:
        _client().jobs.append_metric_by_id(
            job_id=int(job), metric_name=name, metric_value=float(value), metric_step=step
        )


@functools.lru_cache(maxsize=None)
def _client() -> Any:
    from dioptra.sdk.utilities.auth_client import get_authenticated_worker_client

    return get_authenticated_worker_client(LOGGER)
