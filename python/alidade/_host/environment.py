"""Makes an environment from a lock of requirements. Started as ``python3 -I environment.py --folder DIR --lock FILE``.

Only wheels are installed, each with the digest the lock names, so nothing of what is installed runs here.
It prints its progress, and leaves ``ready`` in the folder when the environment is whole.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import venv
from typing import List, Optional

# The modules beside this one, after all others: it is started as a program of its own.
sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import facts  # noqa: E402

READY = "ready"


class NotMade(Exception):
    """The environment cannot be made; the text says why."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="environment.py", allow_abbrev=False)
    parser.add_argument("--folder", required=True, help="where the environment shall be; it does not exist yet")
    parser.add_argument("--lock", required=True, help="requirements with their hashes, as pip reads them")
    parser.add_argument("--wheels", help="folder of wheels to install from, instead of an index")
    options = parser.parse_args()
    # A job may be another user, and reads what is made here.
    os.umask(0o022)
    try:
        make(options.folder, options.lock, options.wheels)
    except NotMade as error:
        print(f"The environment cannot be made: {error}", flush=True)
        return 1
    return 0


def make(folder: str, lock: str, wheels: Optional[str]) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Making an environment of Python {version} ({sys.executable})", flush=True)
    has_pip = importlib.util.find_spec("pip") is not None
    try:
        venv.EnvBuilder(symlinks=True, with_pip=not has_pip).create(folder)
    except (subprocess.CalledProcessError, OSError) as error:
        raise NotMade(f"{error}; the interpreter needs the modules venv and ensurepip, or pip") from None
    python = os.path.join(folder, "bin", "python")
    if subprocess.run(_install(python, lock, wheels, has_pip), stdin=subprocess.DEVNULL).returncode != 0:
        raise NotMade("pip has failed, see above. A lock names every package with version and hashes")
    with open(lock, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    site = os.path.join(folder, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    part = dataclasses.asdict(facts.environment([site], digest))
    with open(os.path.join(folder, READY + ".new"), "w", encoding="utf-8") as file:
        json.dump({"version": 1, "python": version, "lock": digest, "part": part}, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(os.path.join(folder, READY + ".new"), os.path.join(folder, READY))


def _install(python: str, lock: str, wheels: Optional[str], has_pip: bool) -> List[str]:
    command = [sys.executable, "-I", "-m", "pip", "--python", python] if has_pip else [python, "-I", "-m", "pip"]
    command += ["--disable-pip-version-check", "--no-input", "--no-color"]
    command += ["install", "--require-hashes", "--only-binary=:all:", "--progress-bar=off", "--no-warn-script-location"]
    if wheels:
        command += ["--no-index", f"--find-links={wheels}"]
    return [*command, "-r", lock]


if __name__ == "__main__":
    sys.exit(main())
