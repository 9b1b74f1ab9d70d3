"""What shapes every job of a template: its environment and the machine, gathered once and named by digest."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import sys
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

_READY = "ready"  # what environment.py leaves
_MAX_GPUS = 64
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Part:
    """Facts that many attempts share. Equal facts have equal text, and so the same digest."""

    kind: str
    digest: str
    body: str


def parts() -> List[Part]:
    """The parts of this process; the environment is looked at as it is now, after the preloads."""
    return [environment(sys.path, _lock()), _part("machine", _machine())]


def _part(kind: str, facts: Dict[str, Any]) -> Part:
    body = json.dumps(facts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return Part(kind, hashlib.sha256(body.encode()).hexdigest(), body)


def environment(path: List[str], lock: Optional[str]) -> Part:
    """Of this interpreter with what is installed on a path. Nothing here names a folder: the same environment
    elsewhere is the same.
    """
    found = {
        "implementation": sys.implementation.name,
        "python": ".".join(map(str, sys.version_info[:3])),
        "build": sys.version.partition(" ")[2],
        "binary": _digest(os.path.realpath(sys.executable)),
        "lock": lock,
        "packages": packages(path),
    }
    return _part("environment", found)


def packages(path: List[str]) -> Dict[str, str]:
    """Name and version of what is installed; of a name that is there twice, the one that is imported."""
    found: Dict[str, str] = {}
    for folder in path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue  # an archive, or a folder that is not there
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                package, version = _identity(os.path.join(folder, name))
                found.setdefault(re.sub(r"[-_.]+", "-", package).lower(), version)
    return dict(sorted(found.items()))


def _identity(path: str) -> Tuple[str, str]:
    """From the folder's name, which holds both by the rules of packaging; else from what it says inside."""
    stem, extension = os.path.splitext(os.path.basename(path))
    package, _, rest = stem.partition("-")
    version = rest if extension == ".dist-info" else rest.partition("-py")[0]
    if version:
        return package, version
    return package, _first_match(os.path.join(path, "PKG-INFO"), r"(?m)^Version:\s*(\S+)") or ""


def _lock() -> Optional[str]:
    """SHA-256 of the lock this environment was made from; None where it was not made from one."""
    try:
        with open(os.path.join(sys.prefix, _READY), encoding="utf-8") as file:
            return json.load(file).get("lock")
    except (OSError, ValueError, AttributeError):
        return None


def _digest(path: str) -> Optional[str]:
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for block in iter(lambda: file.read(_BLOCK), b""):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def _machine() -> Dict[str, Any]:
    system = os.uname()
    return {
        "system": system.sysname,
        "kernel": system.release,
        "machine": system.machine,
        "cpu": _cpu(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpus": _gpus(),
        "gpuDriver": _first_match("/proc/driver/nvidia/version", r"Kernel Module.*?\s(\d+[\d.]+)"),
        "container": _container(),
    }


def _cpu() -> Optional[str]:
    return _first_match("/proc/cpuinfo", r"(?m)^(?:model name|cpu model|CPU part)\s*:\s*(.+)$")


def _gpus() -> List[str]:
    places = sorted(glob.glob("/proc/driver/nvidia/gpus/*/information"))[:_MAX_GPUS]
    return [_first_match(place, r"(?m)^Model:\s*(.+)$") or "unknown" for place in places]


def _container() -> Optional[str]:
    """What the worker itself runs in, as far as it shows."""
    if os.environ.get("KUBERNETES_SERVICE_HOST") or os.path.isdir("/var/run/secrets/kubernetes.io"):
        return "kubernetes"
    if os.path.exists("/run/.containerenv"):
        return "podman"
    if os.path.exists("/.dockerenv"):
        return "docker"
    return _first_match("/proc/1/cgroup", r"/(docker|lxc|kubepods|containerd)\b")


def _first_match(path: str, pattern: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.search(pattern, file.read(_BLOCK))
    except OSError:
        return None
    return found.group(1).strip() if found else None
