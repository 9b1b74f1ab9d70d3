"""Copies files into the attempt's ``outputs/``, where the agent takes them from."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from typing import Any, BinaryIO, Dict, List, Tuple

from .. import _names
from .channel import Channel

_BLOCK = 1024 * 1024
_MAX_FILES = 50_000
_MAX_SHOWN = 3


def keep(channel: Channel, folder: str, path: str, name: str, **members: Any) -> None:
    """Hands over a copy of a file or folder as the artifact ``name``.

    :raises ValueError: It would be refused later, and nothing of it has been kept.
    """
    handed, left_out = _hand_over(folder, path)
    try:
        channel.event("artifact", name=name, **members, **handed)
    except ValueError:  # it was too long to be sent
        shutil.rmtree(os.path.join(folder, handed["root"]), ignore_errors=True)
        raise
    if left_out or not handed["files"]:
        # Not by way of logging, which user code may have set up so that nobody sees it.
        channel.event("log", l="WARNING", m=_said(name, handed["files"], left_out), logger="alidade")


def _said(name: str, files: List[Dict[str, Any]], left_out: List[str]) -> str:
    """What of its folder the artifact lacks."""
    parts = [] if files else ["it holds no file"]
    if left_out:
        more = len(left_out) - _MAX_SHOWN
        listed = ", ".join(left_out[:_MAX_SHOWN]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"not kept of the folder: {listed}; an artifact holds files only")
    return f"artifact {_names.shown(name)}: {'; '.join(parts)}"


def _hand_over(folder: str, path: str) -> Tuple[Dict[str, Any], List[str]]:
    """Copies to the next free place; returns ``root``, ``folder`` and ``files``, and what was not copied."""
    source = os.path.realpath(path)
    if not os.path.exists(source):
        raise FileNotFoundError(f"the artifact's file {path!r} does not exist")
    is_folder = os.path.isdir(source)
    if not is_folder and not os.path.isfile(source):
        raise _not_regular(path)
    found, left_out = _walk(source) if is_folder else ([os.path.basename(path)], [])
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
    return {"root": root, "folder": is_folder, "files": files}, left_out


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


def _walk(source: str) -> Tuple[List[str], List[str]]:
    """Regular files below a folder, and what else there is, in words.

    Links are followed to files, not to folders, which might form a circle.
    """
    found: List[str] = []
    left_out: List[str] = []
    for parent, folders, names in os.walk(source, onerror=_raise):
        folders.sort()
        if not folders and not names and parent != source:
            left_out.append(_in_words(parent, source))
        for name in sorted(names):
            path = os.path.join(parent, name)
            if os.path.isfile(path):
                found.append(os.path.relpath(path, source))
            else:
                left_out.append(_in_words(path, source))
        links = (path for path in (os.path.join(parent, name) for name in folders) if os.path.islink(path))
        left_out += [_in_words(path, source) for path in links]
    return found, left_out


def _raise(error: OSError) -> None:
    """A folder that cannot be read is as a file that cannot be read."""
    raise error


def _in_words(path: str, source: str) -> str:
    if not os.path.exists(path):
        kind = "a link to nothing"
    elif not os.path.isdir(path):
        kind = "a pipe, a socket or a device"
    else:
        kind = "a link to a folder" if os.path.islink(path) else "an empty folder"
    return f"{_names.shown(os.path.relpath(path, source))} ({kind})"


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
