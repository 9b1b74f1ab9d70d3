"""The secrets an attempt was given: files that the agent has put into memory, one for each name."""

from __future__ import annotations

import os
import resource
from typing import Dict

from .attempt import Attempt, SetupError

FOLDER = "/secrets"
_LARGEST = 1 << 20


def read(attempt: Attempt) -> Dict[str, bytes]:
    """Takes them in. Where the job has a root of its own the files are of no more use, and are deleted."""
    if not attempt.secrets:
        return {}
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    assert attempt.secrets_folder is not None
    try:
        values = {name: _read(os.path.join(attempt.secrets_folder, name)) for name in attempt.secrets}
        if attempt.level != "L0":
            delete(attempt)
    except OSError as error:
        raise SetupError(f"the secrets cannot be read: {error.strerror}") from None
    return values


def delete(attempt: Attempt) -> None:
    """Takes the files away; those that are gone already are no trouble."""
    folder = attempt.secrets_folder
    if folder is None or not os.path.isdir(folder):
        return
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)


def write(folder: str, values: Dict[str, bytes]) -> None:
    """Puts them where the job finds them, for its eyes only."""
    os.mkdir(folder, 0o700)
    for name, value in values.items():
        file = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        try:
            os.write(file, value)
        finally:
            os.close(file)


def _read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as reader:
        return reader.read(_LARGEST)
