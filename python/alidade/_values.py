"""Values as JSON writes them, with the one escape of the attempt folder for what JSON lacks."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, Optional

_SAFE_INTEGER = 2**53
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def decode(value: Any, resolve: Optional[Callable[[Dict[str, str]], Any]] = None) -> Any:
    """The Python value of a decoded JSON value; ``resolve`` answers references."""
    if isinstance(value, list):
        return [decode(item, resolve) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: decode(item, resolve) for key, item in value.items()}
    kind, content = value["$"], value.get("v")
    if kind == "float":
        return _FLOATS[content]
    if kind == "int":
        return int(content)
    if kind == "map":
        return {_hashable(decode(key, resolve)): decode(item, resolve) for key, item in content}
    if kind == "ref" and resolve is not None:
        return resolve(content)
    raise ValueError(f"a value with the unknown escape {kind!r}")


def encode(value: Any) -> Any:
    """What ``json.dumps`` can write of a Python value; numpy's scalars and arrays included."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return int(value) if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else {"$": "int", "v": str(int(value))}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$": "float", "v": _name(value)}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) and key != "$" for key in value):
            return {key: encode(item) for key, item in value.items()}
        return {"$": "map", "v": [[encode(key), encode(item)] for key, item in value.items()]}
    if hasattr(value, "tolist"):
        return encode(value.tolist())
    raise TypeError(f"a value of type {type(value).__name__} has no JSON form; give a number, a text, a list or a dict")


def plain(value: Any) -> Any:
    """As ``encode``, for those who read JSON and know nothing of our escape: what JSON lacks is said in words."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        texts = {str(key): plain(item) for key, item in value.items()}
        if len(texts) < len(value):
            raise TypeError("two keys of a mapping are the same text, and JSON has only texts as keys")
        return texts
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return encode(value)


def _name(value: float) -> str:
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _hashable(key: Any) -> Any:
    return tuple(map(_hashable, key)) if isinstance(key, list) else key
