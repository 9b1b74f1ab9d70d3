"""The client that plugins record metrics with and look up their job. It holds no credential: its calls go to the
worker's agent, which knows whose they are."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, List, Optional, Sequence, Union

import alidade

_Id = Union[str, int]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_PATIENCE = 60.0


class Answer(Dict[str, Any]):
    """What Dioptra's client calls a response, which plugins ask for ``json()``; it is what that gives, too."""

    status_code = 200

    @property
    def text(self) -> str:
        return json.dumps(self)

    def json(self) -> Dict[str, Any]:
        return dict(self)


class _Jobs:
    """What concerns the running job; another one does not exist here."""

    def get_by_id(self, job_id: _Id) -> Dict[str, Any]:
        return _call("GET", f"jobs/{int(job_id)}")

    def get_status(self, job_id: _Id) -> Dict[str, Any]:
        return _call("GET", f"jobs/{int(job_id)}/status")

    def get_parameters(self, job_id: _Id) -> Any:
        return _call("GET", f"jobs/{int(job_id)}/parameters")

    def get_artifact_parameters(self, job_id: _Id) -> Any:
        return _call("GET", f"jobs/{int(job_id)}/artifactParameters")

    def get_mlflow_run_id(self, job_id: _Id) -> Dict[str, Any]:
        return _call("GET", f"jobs/{int(job_id)}/mlflowRun")

    def set_mlflow_run_id(self, job_id: _Id, mlflow_run_id: str) -> Dict[str, Any]:
        return _call("POST", f"jobs/{int(job_id)}/mlflowRun", {"mlflowRunId": mlflow_run_id})

    def get_metrics_by_id(self, job_id: _Id) -> List[Dict[str, Any]]:
        return _call("GET", f"jobs/{int(job_id)}/metrics")

    def get_metrics_snapshots_by_id(
        self, job_id: _Id, metric_name: str, index: int = 0, page_length: int = 10
    ) -> Dict[str, Any]:
        name = urllib.parse.quote(metric_name, safe="")
        query = urllib.parse.urlencode({"index": index, "pageLength": page_length})
        return _call("GET", f"jobs/{int(job_id)}/metrics/{name}/snapshots?{query}")

    def get_logs_by_id(
        self, job_id: _Id, index: int = 0, page_length: int = 10, severity: Optional[Sequence[str]] = None
    ) -> Dict[str, Any]:
        pairs = [("index", index), ("pageLength", page_length), *(("severity", name) for name in severity or ())]
        return _call("GET", f"jobs/{int(job_id)}/log?{urllib.parse.urlencode(pairs)}")

    def append_metric_by_id(
        self, job_id: _Id, metric_name: str, metric_value: float, metric_step: Optional[_Id] = None
    ) -> Dict[str, Any]:
        """Records a point of a metric of this job; without a step it is step 0, as in Dioptra.

        It takes the job's own channel, which waits for nobody and loses nothing.
        """
        own = alidade.job_id()
        if int(job_id) != own:
            raise ValueError(f"job_id {job_id!r}: a task records metrics of its own job only, which is {own}")
        alidade.log_metric(metric_name, metric_value, int(metric_step or 0))
        return Answer(name=metric_name, value=metric_value)


class WorkerClient:
    """The part of Dioptra's client that concerns the running job."""

    def __init__(self) -> None:
        self.jobs = _Jobs()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"client.{name}: the client of a running job offers jobs.* of that job; "
            "for the rest of the API install Dioptra's client in the job's environment"
        )


def get_authenticated_worker_client(log: Any = None, client_type: str = "response") -> WorkerClient:
    """One client for both types: what it answers is a response and its JSON at once."""
    if client_type not in ("json", "response"):
        raise ValueError(f"client_type {client_type!r}: it is json or response")
    return WorkerClient()


def _call(method: str, path: str, body: Optional[Dict[str, Any]] = None) -> Any:
    address = os.environ.get("DIOPTRA_API")
    if not address:
        raise RuntimeError("the job has no way to the server (DIOPTRA_API is not set); its worker offers none")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{address}/api/v1/{path}", data, {"Content-Type": "application/json"}, method=method
    )
    try:
        with _OPENER.open(request, timeout=_PATIENCE) as answer:
            said = json.load(answer)
            return Answer(said) if isinstance(said, dict) else said
    except urllib.error.HTTPError as error:
        said = error.read().decode("utf-8", "replace")
        raise RuntimeError(f"{method} {path}: the server answered {error.code}: {said}") from None
