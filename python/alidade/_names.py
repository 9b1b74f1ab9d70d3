"""What a name may be, and the path of an artifact's file.

Supervisor, agent and server drop or refuse what breaks these rules; user code is told where it gives the name.
"""

from __future__ import annotations

import re
from typing import Any, Optional

MAX_LENGTH = 1024

_SHOWN = 100
# As .NET's char.IsControl has it.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def is_name(name: Any) -> bool:
    return isinstance(name, str) and 0 < len(name) <= MAX_LENGTH and "\0" not in name


def path_problem(path: str) -> Optional[str]:
    """Why the agent refuses the path, or None when it is fine. The rule is that of its ``RelativePath``."""
    try:
        length = len(path.encode("utf-16-le")) // 2
    except UnicodeEncodeError:  # what Python makes of a file name in another encoding
        return "is not UTF-8"
    if length == 0:
        return "is empty"
    if length > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters"
    if path[0] == "/":
        return "is not relative"
    if "\\" in path:
        return "holds a backslash"
    if _CONTROL.search(path):
        return "holds a control character"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "holds an empty, '.' or '..' part"
    return None


def checked_artifact(owner: str, name: Any) -> str:
    """The name, if an artifact can have it. The graph's validation has the same rule."""
    if not is_name(name) or "/" in name or path_problem(name) is not None:
        raise ValueError(
            f"{owner}: the artifact name {shown(name)} must be a text of 1 to {MAX_LENGTH} characters "
            "in UTF-8, without slashes and control characters, and not '.' or '..'"
        )
    return name


def shown(name: Any) -> str:
    """The name as a message quotes it: its beginning, if it is long."""
    text = name if not isinstance(name, str) or len(name) <= _SHOWN else name[:_SHOWN] + " ..."
    return repr(text)
