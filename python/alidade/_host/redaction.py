"""Takes secrets out of what a job says, in the forms that text passes through on its way."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Dict, Iterator, List, Mapping
from urllib.parse import quote, quote_plus

SHORTEST = 6
"""Shorter texts are found everywhere by chance."""
_HEAD = SHORTEST


class Redactor:
    """Knows the forms of all secrets of a job. Without secrets it costs nothing."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        self._names: Dict[bytes, bytes] = {}
        for name, value in secrets.items():
            for form in _forms(value):
                if len(form) >= SHORTEST:
                    self._names.setdefault(form, f"[secret {name}]".encode())
        self.forms: List[bytes] = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, self.forms))) if self.forms else None

    def data(self, data: bytes) -> bytes:
        if self._pattern is None or not self._holds(data):
            return data
        return self._pattern.sub(lambda match: self._names[match.group()], data)

    def text(self, text: str) -> str:
        if self._pattern is None:
            return text
        data = text.encode("utf-8", "surrogatepass")
        clean = self.data(data)
        return text if clean is data else clean.decode("utf-8", "surrogatepass")

    def value(self, value: Any) -> Any:
        """A value from JSON with every text in it redacted, keys too."""
        if self._pattern is None or value is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return value

    def straddled(self, data: bytes, cut: int) -> int:
        """Moves a cut to the beginning of the secret it would fall into."""
        if self._pattern is not None and self._holds(data):
            for match in self._pattern.finditer(data):
                if match.start() < cut < match.end():
                    return match.start()
        return cut

    def _holds(self, data: bytes) -> bool:
        # Looking for each form alone is many times as fast as the pattern, and finds nothing nearly always.
        return any(form in data for form in self.forms)


class StreamRedactor:
    """Redacts a stream whose chunks may end in the middle of a secret: what may be the beginning of one waits."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = b""

    @property
    def is_holding(self) -> bool:
        """Whether what was fed last may be the beginning of a secret."""
        return bool(self._held)

    def feed(self, data: bytes) -> bytes:
        if not self._redactor.forms:
            return data
        data = self._held + data
        cut = self._redactor.straddled(data, self._beginning(data))
        self._held = data[cut:]
        return self._redactor.data(data[:cut])

    def finish(self) -> bytes:
        held, self._held = self._held, b""
        return self._redactor.data(held)

    def _beginning(self, data: bytes) -> int:
        """Where the longest end of the data starts that a form begins with; its length when there is none."""
        found = len(data)
        for form in self._redactor.forms:
            found = min(found, _beginning(data, form))
        return found


def _beginning(data: bytes, form: bytes) -> int:
    first = max(0, len(data) - len(form) + 1)
    at = data.find(form[:_HEAD], first)
    while at >= 0:
        if form.startswith(data[at:]):
            return at
        at = data.find(form[:_HEAD], at + 1)
    for length in range(min(_HEAD - 1, len(data)), 0, -1):
        if data.endswith(form[:length]):
            return len(data) - length
    return len(data)


def _forms(value: bytes) -> Iterator[bytes]:
    """The value, its lines, and how base64, addresses, JSON and Python write it."""
    yield value
    stripped = value.strip()
    yield stripped
    lines = [line.strip() for line in stripped.splitlines()]
    yield from lines
    for plain in (value, stripped, *(lines if len(lines) > 1 else ())):
        yield from _base64(plain)
    for text in {value.decode("utf-8", "replace"), stripped.decode("utf-8", "replace")}:
        for safe in ("", "/", "/:@!$&'()*+,;=~"):
            escaped = quote(text, safe=safe)
            yield escaped.encode()
            yield re.sub("%[0-9A-F]{2}", lambda match: match.group().lower(), escaped).encode()
        yield quote_plus(text).encode()
        for written in (json.dumps(text), json.dumps(text, ensure_ascii=False), repr(text)):
            yield written[1:-1].encode("utf-8", "surrogatepass")
        yield json.dumps(text).replace("/", "\\/")[1:-1].encode()


def _base64(value: bytes) -> Iterator[bytes]:
    """As it stands by itself, and inside of something longer, such as ``user:password``: there only the
    characters that nothing but the value decides are known.
    """
    for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
        yield encode(value).rstrip(b"=")
        for shift in range(3):
            coded = encode(bytes(shift) + value + bytes(-(shift + len(value)) % 3))
            start = (shift * 8 + 5) // 6
            yield coded[start : (shift + len(value)) * 8 // 6]
