"""Builds the package with the standard library alone (PEP 517 and 660)."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGE = _ROOT / "alidade"
_NAME = "alidade"
_TAG = "py3-none-any"
# The same source gives the same bytes, wherever and whenever it is built.
_TIME = max(int(os.environ.get("SOURCE_DATE_EPOCH", "315532800")), 315532800)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)

_Config = Optional[Dict[str, Any]]


def build_wheel(
    wheel_directory: str, config_settings: _Config = None, metadata_directory: Optional[str] = None
) -> str:
    files = [(f"{_NAME}/{path}", data) for path, data in _sources()]
    return _write_wheel(Path(wheel_directory), files)


def build_editable(
    wheel_directory: str, config_settings: _Config = None, metadata_directory: Optional[str] = None
) -> str:
    return _write_wheel(Path(wheel_directory), [(f"__editable__.{_NAME}.pth", f"{_ROOT}\n".encode())])


def build_sdist(sdist_directory: str, config_settings: _Config = None) -> str:
    base = f"{_NAME}-{_version()}"
    files = [(f"{_NAME}/{path}", data) for path, data in _sources()]
    project = ("pyproject.toml", "README.md", "_build/alidade_build.py")
    files += [(name, (_ROOT / name).read_bytes()) for name in project]
    files += [("PKG-INFO", _metadata().encode()), *_license("LICENSE")]
    name = f"{base}.tar.gz"
    with tarfile.open(os.path.join(sdist_directory, name), "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path, data in files:
            entry = tarfile.TarInfo(f"{base}/{path}")
            entry.size, entry.mtime, entry.mode = len(data), _TIME, 0o644
            archive.addfile(entry, io.BytesIO(data))
    return name


def _write_wheel(directory: Path, files: List[Tuple[str, bytes]]) -> str:
    info = f"{_NAME}-{_version()}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: alidade_build\nRoot-Is-Purelib: true\nTag: {_TAG}\n"
    files = [
        *files,
        (f"{info}/METADATA", _metadata().encode()),
        (f"{info}/WHEEL", wheel.encode()),
        *_license(f"{info}/licenses/LICENSE"),
    ]
    record = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in files]
    files.append((f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]).encode()))
    name = f"{_NAME}-{_version()}-{_TAG}.whl"
    with zipfile.ZipFile(directory / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files:
            entry = zipfile.ZipInfo(path, _ZIP_TIME)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return name


def _sources() -> Iterator[Tuple[str, bytes]]:
    for path in sorted(_PACKAGE.rglob("*")):
        if path.is_file() and (path.suffix == ".py" or path.name == "py.typed"):
            yield path.relative_to(_PACKAGE).as_posix(), path.read_bytes()


def _version() -> str:
    found = re.search(r'^__version__ = "([^"]+)"', (_PACKAGE / "__init__.py").read_text(encoding="utf-8"), re.M)
    if found is None:
        raise ValueError("alidade/__init__.py sets no __version__")
    return found.group(1)


def _metadata() -> str:
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    return (
        "Metadata-Version: 2.1\n"
        f"Name: {_NAME}\n"
        f"Version: {_version()}\n"
        "Summary: Experiments and security tests of machine learning: what user code imports\n"
        "License: Apache-2.0\n"
        "Requires-Python: >=3.9\n"
        "Description-Content-Type: text/markdown\n"
        f"\n{readme}"
    )


def _license(target: str) -> List[Tuple[str, bytes]]:
    # In a source distribution it lies beside this project, in the repository one folder up.
    for folder in (_ROOT, _ROOT.parent):
        if (folder / "LICENSE").is_file():
            return [(target, (folder / "LICENSE").read_bytes())]
    return []


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
