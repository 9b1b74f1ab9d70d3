"""Copies files into the attempt's ``outputs/``, where the agent takes them from."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from typing import Any, BinaryIO, Dict, List

from .. import _names
from .channel import Channel

_BLOCK = 1024 * 1024
_MAX_FILES = 50_000


def keep(channel: Channel, folder: str, path: str, name: str, **members: Any) -> None:
    """Hands over a copy of a file or folder as the artifact ``name``.

    :raises ValueError: It would be refused later, and nothing of it has been kept.
    """
    handed = _hand_over(folder, path)
    try:
        channel.event("artifact", name=name, **members, **handed)
    except ValueError:  # it was too long to be sent
        shutil.rmtree(os.path.join(folder, handed["root"]), ignore_errors=True)
        raise


def _hand_over(folder: str, path: str) -> Dict[str, Any]:
    """Copies to the next free place; returns ``root``, ``folder`` and ``files``."""
    source = os.path.realpath(path)
    if not os.path.exists(source):
        raise FileNotFoundError(f"the artifact's file {path!r} does not exist")
    is_folder = os.path.isdir(source)
    if not is_folder and not os.path.isfile(source):
        raise _not_regular(path)
    found = _walk(source) if is_folder else [os.path.basename(path)]
    _check(path, found)
    root = next_place(folder)
    target = os.path.join(folder, root)
    try:
        if is_folder:
            files = [_copy(source, target, relative) for relative in found]
        else:
            files = [_copy_file(source, target, found[0])]
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return {"root": root, "folder": is_folder, "files": files}


def _check(path: str, found: List[str]) -> None:
    """The agent would refuse the artifact, and with it the job, when the call has long returned."""
    if len(found) > _MAX_FILES:
        raise ValueError(
            f"the folder {path!r} holds {len(found)} files; an artifact holds at most {_MAX_FILES}: pack them"
        )
    for relative in found:
        problem = _names.path_problem(relative)
        if problem is not None:
            raise ValueError(
                f"the artifact's file {_names.shown(relative)} cannot be kept, because its path {problem}; rename the file"
            )


def next_place(folder: str) -> str:
    """Makes ``outputs/NNNNNN``; forked children of a job may do so at the same time."""
    outputs = os.path.join(folder, "outputs")
    number = len(os.listdir(outputs)) + 1
    while True:
        try:
            os.mkdir(os.path.join(outputs, f"{number:06d}"))
            return f"outputs/{number:06d}"
        except FileExistsError:
            number += 1


def _walk(source: str) -> List[str]:
    """Regular files below a folder. Links are followed to files, not to folders, which might form a circle."""
    found = []
    for parent, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            if os.path.isfile(path):
                found.append(os.path.relpath(path, source))
    return found


def _copy(source: str, target: str, relative: str) -> Dict[str, Any]:
    os.makedirs(os.path.dirname(os.path.join(target, relative)), exist_ok=True)
    return _copy_file(os.path.join(source, relative), target, relative)


def _copy_file(source: str, target: str, relative: str) -> Dict[str, Any]:
    digest = hashlib.sha256()
    size = 0
    with _open(source) as reader, open(os.path.join(target, relative), "xb") as writer:
        while True:
            block = reader.read(_BLOCK)
            if not block:
                break
            digest.update(block)
            writer.write(block)
            size += len(block)
    return {"path": relative, "size": size, "sha256": digest.hexdigest()}


def _open(path: str) -> BinaryIO:
    """It may have become something else since it was looked at, which must not make the job wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_regular(path)
    return open(descriptor, "rb")


def _not_regular(path: str) -> ValueError:
    return ValueError(
        f"{path!r} is a pipe, a socket or a device; an artifact is a file or a folder: "
        "write what it gives to a file, or to alidade.open_artifact"
    )
