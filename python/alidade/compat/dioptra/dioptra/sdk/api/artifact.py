"""The interface of artifact tasks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Dict, Optional


class ArtifactTaskInterface(ABC):
    """Writes a value to a file or folder, and reads it back. All methods are static."""

    @staticmethod
    @abstractmethod
    def serialize(working_dir: Path, name: str, contents: Any, **kwargs: Any) -> Path:
        """Writes ``contents`` below ``working_dir`` and returns the path."""

    @staticmethod
    @abstractmethod
    def deserialize(working_dir: Path, path: str, **kwargs: Any) -> Any:
        """Reads what ``serialize`` wrote; ``path`` is relative to ``working_dir``."""

    @staticmethod
    def validation() -> Optional[Dict[str, Any]]:
        """JSON schema properties of the arguments of ``serialize``, if it takes any."""
        return None

    @classmethod
    def name(cls) -> str:
        """The name the task is registered under."""
        return cls.__name__
