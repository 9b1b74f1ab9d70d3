"""The file system a job sees at L1: what is shown where, and what it may do there."""

from __future__ import annotations

import functools
import glob
import os
import sys
from dataclasses import dataclass
from typing import List, Optional, Tuple

from .attempt import Attempt

FOLDER = "/job"
DATA = "/data"
UID = 1000

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_CONFIGURATION = (
    "ld.so.cache",
    "localtime",
    "alternatives",
    "fonts",
    "ssl/certs",
    "ssl/openssl.cnf",
    "pki",
    "OpenCL",
    # Distributions keep here what programs do not begin without, matplotlib, the JVM and R among them. Of what an
    # administrator writes down for programs to sign in with, such as pip.conf, nothing is shown.
    "matplotlibrc",
    "mime.types",
    "magic",
    "os-release",
    "timezone",
    "java-*",
    "ImageMagick-*",
    "texmf",
    "R/Renviron",
    "R/ldpaths",
)
_NETWORK_CONFIGURATION = ("resolv.conf", "hosts", "services", "gai.conf")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_GRAPHICS = ("/dev/nvidia*", "/dev/dri", "/dev/kfd")

FILES = {
    "/etc/passwd": f"root:x:0:0:root:/:/bin/sh\njob:x:{UID}:{UID}:job:/tmp:/bin/sh\n",
    "/etc/group": f"root:x:0:\njob:x:{UID}:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
ENVIRONMENT = {"TMPDIR": "/tmp", "HOME": "/tmp", "USER": "job", "LOGNAME": "job"}
LOCAL_HOSTS = "127.0.0.1 localhost job\n::1 localhost\n"


@dataclass(frozen=True)
class Bind:
    """A file or folder of the machine, shown to the job."""

    source: str
    target: str
    writable: bool = False
    device: bool = False


@functools.lru_cache(maxsize=None)
def system() -> Tuple[List[Bind], List[Tuple[str, str]]]:
    """What is the same for every attempt of a template: binds, and links with their targets."""
    binds: List[Bind] = []
    links = [("/dev/fd", "/proc/self/fd")]
    links += [(f"/dev/{name}", f"/proc/self/fd/{number}") for number, name in enumerate(("stdin", "stdout", "stderr"))]
    for path in _SYSTEM:
        if os.path.islink(path):
            links.append((path, os.readlink(path)))
        elif os.path.isdir(path):
            binds.append(Bind(path, path))
    binds += [Bind(path, path) for path in interpreter()]
    configuration = [path for name in _CONFIGURATION for path in sorted(glob.glob(f"/etc/{name}"))]
    binds += [Bind(os.path.realpath(path), path) for path in configuration if os.path.exists(path)]
    binds += [Bind(f"/dev/{name}", f"/dev/{name}", writable=True, device=True) for name in _DEVICES]
    graphics = [path for pattern in _GRAPHICS for path in glob.glob(pattern)]
    binds += [Bind(path, path, writable=True, device=True) for path in graphics]
    # Libraries count processors here; drivers look for their cards in the whole of it.
    hardware = ["/sys"] if graphics else ["/sys/devices/system/cpu", "/sys/devices/system/node"]
    binds += [Bind(path, path) for path in hardware if os.path.isdir(path)]
    return binds, links


def attempt(attempt: Attempt) -> List[Bind]:
    """What belongs to one attempt, and nothing else of its worker's folders."""
    folder = attempt.folder
    binds = [
        Bind(f"{folder}/work", f"{FOLDER}/work", writable=True),
        Bind(f"{folder}/outputs", f"{FOLDER}/outputs", writable=True),
        Bind(f"{folder}/tmp", "/tmp", writable=True),
        Bind(f"{folder}/plugins", f"{FOLDER}/plugins"),
        Bind(f"{folder}/inputs", f"{FOLDER}/inputs"),
    ]
    binds += [Bind(path, f"{DATA}/{name}") for name, path in attempt.data.items()]
    binds += [Bind(path, path) for path in _folders_of(attempt.python)] if attempt.python else []
    if attempt.network:
        paths = (f"/etc/{name}" for name in _NETWORK_CONFIGURATION)
        binds += [Bind(os.path.realpath(path), path) for path in paths if os.path.exists(path)]
    return binds


def exposing(folder: str) -> Optional[str]:
    """The folder shown to every job that a worker's data must not lie in, if it does."""
    place = os.path.realpath(folder)
    return next((source for source, real in shown() if _is_below(place, real)), None)


@functools.lru_cache(maxsize=None)
def shown() -> List[Tuple[str, str]]:
    """What every job may read, and where that really lies: found once for all forks, since it takes a millisecond."""
    return [(bind.source, os.path.realpath(bind.source)) for bind in system()[0]]


def interpreter() -> List[str]:
    """Folders outside the system that the running interpreter imports from, outermost only."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    wanted = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, package}
    wanted.add(os.path.dirname(os.path.dirname(os.path.realpath(sys.executable))))
    wanted.update(path for path in sys.path if os.path.isdir(path) and path != os.path.dirname(package))
    found: List[str] = []
    for path in sorted(map(os.path.normpath, wanted)):
        if path != "/" and not any(_is_below(path, other) for other in (*found, *_SYSTEM)):
            found.append(path)
    return found


def _folders_of(python: str) -> List[str]:
    """The environment of an interpreter and, where that is elsewhere, what it was made from."""
    environment = os.path.dirname(os.path.dirname(python))
    shown = [bind.source for bind in system()[0]]
    base = os.path.dirname(os.path.dirname(os.path.realpath(python)))
    found = [environment] if any(_is_below(base, other) for other in shown) else [environment, base]
    return [path for path in found if not any(_is_below(path, other) for other in shown)]


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)
