"""What the agent wrote for the supervisor: ``attempt.json`` and ``plan.json``."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Tuple

from . import linux

VERSION = 1
_MAX_FILE = 64 << 20


class SetupError(Exception):
    """The job cannot begin; the text says why."""


@dataclass(frozen=True)
class Limits:
    """Null means no limit. ``disk_reserve`` is what an attempt leaves free on the disk of its events."""

    memory: Optional[int] = None
    files: int = 4096
    processes: int = 4096
    log_bytes: int = 1 << 30
    event_bytes: int = 8 << 20
    disk: Optional[int] = None
    disk_reserve: int = 256 << 20


@dataclass(frozen=True)
class RelayPlace:
    """Where the agent takes calls of the job, and what proves to it whose they are."""

    socket: str
    secret: str


@dataclass(frozen=True)
class Silence:
    """How long the agent may go without an answer of the server: ``file`` is touched at each."""

    file: str
    limit: float


@dataclass(frozen=True)
class Attempt:
    """One try of a job."""

    folder: str
    attempt: int
    job: int
    seed: int
    level: str = "L0"
    timeout: float = 86400.0
    grace: float = 10.0
    network: bool = False
    threads: int = 1
    limits: Limits = Limits()
    environment: Dict[str, str] = field(default_factory=dict)
    data: Dict[str, str] = field(default_factory=dict)
    secrets: Tuple[str, ...] = ()
    secrets_folder: Optional[str] = None
    relay: Optional[RelayPlace] = None
    silence: Optional[Silence] = None
    usage_every: float = 10.0
    interpreter: Dict[str, str] = field(default_factory=dict)
    """Members of the start event, where the job is not to run in the template's interpreter."""
    said: Dict[str, Any] = field(default_factory=dict)
    """``attempt.json`` as it is, for a host that is started cold and cannot read it."""
    plan: Dict[str, Any] = field(default_factory=dict)

    @property
    def python(self) -> Optional[str]:
        """The interpreter to be started for this job; None for the template's own."""
        return self.interpreter.get("executable")

    def shape(self) -> Dict[str, Any]:
        """What of this shapes the run, for the record."""
        return {
            "level": self.level,
            "seed": self.seed,
            "threads": self.threads,
            "network": self.network,
            "timeout": self.timeout,
            "memory": self.limits.memory,
            "data": sorted(self.data),
            "secrets": sorted(self.secrets),
        }

    @staticmethod
    def read(folder: str) -> "Attempt":
        facts = _read_json(os.path.join(folder, "attempt.json"))
        return Attempt.of(folder, facts, _read_json(os.path.join(folder, "plan.json")))

    @staticmethod
    def of(folder: str, facts: Dict[str, Any], plan: Dict[str, Any]) -> "Attempt":
        limits = facts.get("limits") or {}
        level = facts.get("level", "L0")
        if level not in ("L0", "L1c", "L1"):
            raise SetupError(f"attempt.json: level {level!r} is unknown; known are L0, L1c and L1")
        try:
            return Attempt(
                folder=folder,
                attempt=facts["attempt"],
                job=facts["job"],
                seed=facts["seed"],
                level=level,
                timeout=float(facts.get("timeout", Attempt.timeout)),
                grace=float(facts.get("grace", Attempt.grace)),
                network=bool(facts.get("network", False)),
                threads=int(facts.get("threads", 1)),
                limits=_limits(limits),
                environment={str(key): str(value) for key, value in (facts.get("environment") or {}).items()},
                data=dict(facts.get("data") or {}),
                secrets=_names(facts.get("secrets")),
                secrets_folder=(facts.get("secrets") or {}).get("folder"),
                usage_every=float(facts.get("usageEvery", Attempt.usage_every)),
                relay=_relay(facts.get("relay")),
                silence=_silence(facts.get("silence")),
                interpreter=dict(facts.get("interpreter") or {}),
                said=facts,
                plan=plan,
            )
        except KeyError as error:
            raise SetupError(f"attempt.json: the member {error.args[0]!r} is missing") from None
        except (TypeError, ValueError) as error:
            raise SetupError(f"attempt.json: {error}") from None


def _silence(given: Optional[Dict[str, Any]]) -> Optional[Silence]:
    return Silence(str(given["file"]), float(given["limit"])) if given else None


def _names(given: Optional[Dict[str, Any]]) -> Tuple[str, ...]:
    names = tuple(map(str, (given or {}).get("names") or ()))
    if any("/" in name or name in ("", ".", "..") for name in names):
        raise ValueError(f"the names of the secrets {names!r} are no names of files")
    return names


def _relay(given: Optional[Dict[str, Any]]) -> Optional[RelayPlace]:
    return RelayPlace(str(given["socket"]), str(given["secret"])) if given else None


def _limits(given: Dict[str, Any]) -> Limits:
    names = {
        "memory": "memory",
        "files": "files",
        "processes": "processes",
        "log_bytes": "logBytes",
        "event_bytes": "eventBytes",
        "disk": "disk",
        "disk_reserve": "diskReserve",
    }
    return Limits(**{name: int(given[member]) for name, member in names.items() if given.get(member) is not None})


def _read_json(path: str) -> Dict[str, Any]:
    name = os.path.basename(path)
    try:
        content = json.loads(linux.read(path, _MAX_FILE))
    except OSError as error:
        raise SetupError(f"{name} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SetupError(f"{name} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise SetupError(f"{name} holds no JSON object")
    if content.get("version") != VERSION:
        raise SetupError(f"{name} has version {content.get('version')!r}; this supervisor reads version {VERSION}")
    return content
