"""Bytes of a terminal-like stream, cut into the lines a log can hold."""

from __future__ import annotations

import codecs
from typing import List

MAX_LINE = 16 * 1024
CUT_MARK = " [line cut at 16 KiB]"


def decode(data: bytes) -> str:
    """UTF-8 with what is invalid replaced; NUL too, which no database text can hold."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


def cut(text: str) -> str:
    """A line that is text already, brought to the same limit."""
    if len(text) <= MAX_LINE // 4:
        return text
    data = text.encode("utf-8", "replace")
    return text if len(data) <= MAX_LINE else _cut(data[:MAX_LINE])


def _cut(data: bytes) -> str:
    # The limit may fall inside a character: an incremental decoder leaves its first bytes out.
    return codecs.getincrementaldecoder("utf-8")("replace").decode(data).replace("\0", "\ufffd") + CUT_MARK


class LineAssembler:
    """Collects chunks into lines.

    Of a line redrawn with carriage returns, such as a progress bar, only the last state is kept, so
    that memory stays bounded however long it is redrawn.
    """

    def __init__(self) -> None:
        self._held = b""
        self._is_cut = False

    def feed(self, data: bytes) -> List[str]:
        pieces = data.split(b"\n")
        lines = []
        for piece in pieces[:-1]:
            if self._held or len(piece) > MAX_LINE or b"\r" in piece:
                self._hold(piece)
                lines.append(self._take())
            else:
                lines.append(decode(piece))
        if pieces[-1]:
            self._hold(pieces[-1])
        return lines

    def finish(self) -> List[str]:
        """The last line, when the stream ended without a line feed."""
        return [self._take()] if self._held else []

    def _hold(self, data: bytes) -> None:
        if self._is_cut:
            start = data.find(b"\r")
            if start < 0 or not data[start:].strip(b"\r"):
                return
            self._held, self._is_cut, data = b"", False, data[start:]
        held = _last_state(self._held + data)
        if len(held.rstrip(b"\r")) > MAX_LINE:
            held, self._is_cut = held[:MAX_LINE], True
        self._held = held

    def _take(self) -> str:
        data, is_cut = self._held.strip(b"\r"), self._is_cut
        self._held, self._is_cut = b"", False
        return _cut(data) if is_cut else decode(data)


def _last_state(data: bytes) -> bytes:
    # A carriage return at the end may be half of a line end: it stays until more is known.
    start = data.rstrip(b"\r").rfind(b"\r")
    return data[start + 1 :]
