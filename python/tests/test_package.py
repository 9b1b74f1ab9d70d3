"""The package can be built and installed without a network."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

from harness import PACKAGE

sys.path.insert(0, str(PACKAGE / "_build"))
import alidade_build  # noqa: E402

_USE = "import alidade; print(alidade.__version__, alidade.__file__)"


class PackageTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_wheel_holds_the_package_and_its_record(self) -> None:
        name = alidade_build.build_wheel(self.folder)
        with zipfile.ZipFile(os.path.join(self.folder, name)) as wheel:
            names = wheel.namelist()
            for needed in ("alidade/py.typed", "alidade/_host/template.py", "alidade/compat/dioptra/dioptra/pyplugs/__init__.py"):
                self.assertIn(needed, names)
            self.assertFalse([name for name in names if name.startswith(("dioptra", "structlog")) or "__pycache__" in name])
            record = wheel.read(next(name for name in names if name.endswith("/RECORD"))).decode().splitlines()
            self.assertEqual(sorted(names), sorted(line.split(",")[0] for line in record))

    def test_same_source_gives_the_same_bytes(self) -> None:
        digests = set()
        for _ in range(2):
            name = alidade_build.build_wheel(self.folder)
            with open(os.path.join(self.folder, name), "rb") as file:
                digests.add(hashlib.sha256(file.read()).digest())
        self.assertEqual(1, len(digests))

    def test_source_distribution_builds_the_same_wheel(self) -> None:
        name = alidade_build.build_sdist(self.folder)
        with tarfile.open(os.path.join(self.folder, name)) as archive:
            archive.extractall(self.folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        root = os.path.join(self.folder, name[: -len(".tar.gz")])
        code = "import sys; sys.path.insert(0, '_build'); import alidade_build; print(alidade_build.build_wheel('..'))"
        built = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout.strip()
        with open(os.path.join(self.folder, built), "rb") as file:
            first = file.read()
        alidade_build.build_wheel(self.folder)
        with open(os.path.join(self.folder, built), "rb") as file:
            self.assertEqual(first, file.read())

    @unittest.skipUnless(importlib.util.find_spec("pip"), "pip is not installed for this interpreter")
    def test_pip_installs_it_offline(self) -> None:
        target = os.path.join(self.folder, "site")
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-warn-conflicts", "--target", target, str(PACKAGE)],
            check=True,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"},
        )
        code = f"import sys; sys.path.insert(0, {target!r}); {_USE}"
        result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
        self.assertEqual(f"{alidade_build._version()} {os.path.join(target, 'alidade', '__init__.py')}", result.stdout.strip())
