"""How this experiment's artifacts become files: the same content always becomes the same bytes."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
from dioptra.sdk.api.artifact import ArtifactTaskInterface

from .defences import Classifier


class ClassifierTask(ArtifactTaskInterface):
    """A trained classifier as NAME.npz, readable by numpy.load."""

    @staticmethod
    def serialize(working_dir: Path, name: str, contents: Classifier, **kwargs: Any) -> Path:
        path = Path(working_dir) / f"{name}.npz"
        with zipfile.ZipFile(path, "w") as archive:
            for key, array in contents.arrays().items():
                buffer = io.BytesIO()
                np.save(buffer, array, allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{key}.npy"), buffer.getvalue())  # no time of writing inside
        return path

    @staticmethod
    def deserialize(working_dir: Path, path: str, **kwargs: Any) -> Classifier:
        with np.load(Path(working_dir, path), allow_pickle=False) as arrays:
            return Classifier.of(dict(arrays))

    @staticmethod
    def validation() -> Optional[Dict[str, Any]]:
        return None


class CellsTask(ArtifactTaskInterface):
    """The cells of the table as NAME.csv; numbers in their shortest exact form."""

    @staticmethod
    def serialize(working_dir: Path, name: str, contents: List[Dict[str, Any]], **kwargs: Any) -> Path:
        path = Path(working_dir) / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(contents[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(contents)
        return path

    @staticmethod
    def deserialize(working_dir: Path, path: str, **kwargs: Any) -> List[Dict[str, str]]:
        with Path(working_dir, path).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    @staticmethod
    def validation() -> Optional[Dict[str, Any]]:
        return None


class PictureTask(ArtifactTaskInterface):
    """An encoded picture as NAME.png."""

    @staticmethod
    def serialize(working_dir: Path, name: str, contents: bytes, **kwargs: Any) -> Path:
        path = Path(working_dir) / f"{name}.png"
        path.write_bytes(contents)
        return path

    @staticmethod
    def deserialize(working_dir: Path, path: str, **kwargs: Any) -> bytes:
        return Path(working_dir, path).read_bytes()

    @staticmethod
    def validation() -> Optional[Dict[str, Any]]:
        return None
