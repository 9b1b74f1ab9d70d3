"""The wire between task host and supervisor: length-prefixed records on a Unix stream socket.

Output is carried as it was written and split into lines by the supervisor, which does the same for
the pipes; everything else is a JSON object.
"""

from __future__ import annotations

import struct
from typing import Iterator, Tuple

STDOUT = b"o"
STDERR = b"e"
EVENT = b"j"
SYNC = b"s"  # the supervisor answers one byte when all that came before has been taken in

# The kernel takes a message of this size in one piece, so that forked children may share the socket.
MAX_PAYLOAD = 24 * 1024

# Only events may be longer (a traceback, the list of a folder's files), and only up to here.
MAX_EVENT = 16 * 1024 * 1024

_HEADER = struct.Struct("<cI")


class FrameError(Exception):
    """The other side does not speak this protocol."""


def pack(kind: bytes, payload: bytes) -> bytes:
    return _HEADER.pack(kind, len(payload)) + payload


class FrameReader:
    """Cuts a byte stream into records."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Tuple[bytes, bytes]]:
        if self._rest:
            data = self._rest + data
        position, end = 0, len(data)
        while end - position >= _HEADER.size:
            kind, length = _HEADER.unpack_from(data, position)
            if length > MAX_EVENT:
                raise FrameError(f"a record of {length} bytes")
            stop = position + _HEADER.size + length
            if stop > end:
                break
            yield kind, data[position + _HEADER.size : stop]
            position = stop
        self._rest = data[position:]
