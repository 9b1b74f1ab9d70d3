"""The client that plugins record metrics with. Here it leads to the job's own channel."""

from __future__ import annotations

from typing import Any, Dict, Optional, Union

import alidade


class _Jobs:
    def append_metric_by_id(
        self,
        job_id: Union[str, int],
        metric_name: str,
        metric_value: float,
        metric_step: Optional[Union[str, int]] = None,
    ) -> Dict[str, Any]:
        """Records a point of a metric of this job; without a step it is step 0, as in Dioptra."""
        own = alidade.job_id()
        if int(job_id) != own:
            raise ValueError(f"job_id {job_id!r}: a task records metrics of its own job only, which is {own}")
        alidade.log_metric(metric_name, metric_value, int(metric_step or 0))
        return {"name": metric_name, "value": metric_value}


class WorkerClient:
    """The part of Dioptra's client that works without a server."""

    def __init__(self) -> None:
        self.jobs = _Jobs()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"client.{name}: the client of a running job offers jobs.append_metric_by_id; "
            "for the rest of the API install Dioptra's client in the job's environment"
        )


def get_authenticated_worker_client(log: Any = None) -> WorkerClient:
    return WorkerClient()
