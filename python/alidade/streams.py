"""Artifacts as streams: written and read piece by piece, whatever their size."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Callable, Literal, Optional, TextIO, Type, cast, overload

from . import _job, _names
from ._host.handover import next_place
from .errors import AlidadeError

_BLOCK = 1024 * 1024


@overload
def open_artifact(
    name: str,
    mode: Literal["wb", "rb"] = "wb",
    *,
    description: Optional[str] = None,
    media_type: Optional[str] = None,
) -> BinaryIO: ...


@overload
def open_artifact(
    name: str, mode: Literal["w", "r"], *, description: Optional[str] = None, media_type: Optional[str] = None
) -> TextIO: ...


def open_artifact(
    name: str, mode: str = "wb", *, description: Optional[str] = None, media_type: Optional[str] = None
) -> IO[Any]:
    """Opens a new artifact to be written (``wb``, or ``w`` for UTF-8 text), or an artifact input to be read (``rb``, ``r``).

    What is written is kept with the job when the stream is closed; of a ``with`` block that ends by an exception
    nothing is kept. It is written in order: what has to be gone back to belongs in a file for ``log_artifact``.

    An input has the name that the entrypoint gives it; a file in an input that is a folder is ``NAME/PATH``.
    """
    if mode in ("r", "rb"):
        name, _, inner = name.partition("/")
        path = artifact_path(name) / inner if inner else artifact_path(name)
        return open(path, mode, encoding=None if mode == "rb" else "utf-8")
    if mode not in ("w", "wb"):
        raise ValueError(f"open_artifact({name!r}): the mode {mode!r} is none of wb, w, rb and r")
    writer = _new_artifact(name, description, media_type)
    return cast(IO[Any], writer if mode == "wb" else _TextWriter(writer, encoding="utf-8", newline="\n"))


def artifact_path(name: str) -> Path:
    """The file or folder of an artifact input, to be read only."""
    folder = os.path.join(_job.current("artifact_path").folder, "inputs")
    known = sorted(os.listdir(folder))
    if name not in known:
        raise AlidadeError(
            f"this job has no artifact input {name!r} (it has {', '.join(known) or 'none'}); "
            "declare it in the artifactParameters of the entrypoint"
        )
    (entry,) = os.listdir(os.path.join(folder, name))
    return Path(folder, name, entry)


def _new_artifact(name: str, description: Optional[str], media_type: Optional[str]) -> "_Writer":
    job = _job.current("open_artifact")
    _names.checked_artifact("open_artifact", name)
    job.take_place("open_artifact", name, is_file=True)
    root = next_place(job.folder)

    def keep(size: int, sha256: str) -> None:
        job.channel.event(
            "artifact",
            name=name,
            mediaType=media_type or mimetypes.guess_type(name)[0],
            description=description,
            root=root,
            folder=False,
            files=[{"path": name, "size": size, "sha256": sha256}],
        )

    return _Writer(os.path.join(job.folder, root, name), keep)


class _DigestingFile(io.FileIO):
    """Counts and digests what is written as it passes, so that it need not be read again."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "x")
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        written = super().write(data)
        self.digest.update(memoryview(data)[:written])
        self.size += written
        return written

    def seekable(self) -> bool:
        return False

    def truncate(self, size: Optional[int] = None) -> int:
        raise io.UnsupportedOperation("an artifact is written in order")


class _Writer(io.BufferedWriter):
    """Hands the file over when it is closed, unless writing it has failed."""

    def __init__(self, path: str, keep: Callable[[int, str], None]) -> None:
        self._file = _DigestingFile(path)
        self._path = path
        self._keep = keep
        self._is_wanted = True
        super().__init__(self._file, _BLOCK)

    def discard(self) -> None:
        self._is_wanted = False

    def close(self) -> None:
        if self.closed:
            return
        try:
            super().close()
        except BaseException:
            self.discard()
            raise
        finally:
            if self._is_wanted:
                self._keep(self._file.size, self._file.digest.hexdigest())
            else:
                os.unlink(self._path)

    def __exit__(self, kind: Optional[Type[BaseException]], *_: Any) -> None:
        if kind is not None:
            self.discard()
        self.close()


class _TextWriter(io.TextIOWrapper):
    """The text over a writer; what becomes of the one becomes of the other."""

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if kind is not None:
            cast(_Writer, self.buffer).discard()
        self.close()
