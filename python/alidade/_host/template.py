"""The template: a process with the imports of an environment done, which forks a supervisor per attempt.

Started as ``python3 -I template.py --socket PATH [--preload MODULE ...]``. It never calls what it
imports, holds no state between requests, and ends when its standard input closes; supervisors live on.
"""

from __future__ import annotations

import os
import sys

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_KEPT = ("PATH", "LANG", "LANGUAGE", "TZ", "HOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR")
_KEPT_PREFIXES = ("LC_", "CUDA", "NVIDIA_", "HIP_", "ROCR_")
_MARK = "ALIDADE_TEMPLATE"


def _start_again() -> None:
    """Runs this program anew with a clean environment and a fixed hash seed.

    The first environment stays readable in ``/proc`` of every forked job, whatever is done to it
    later; and the order of sets of texts must not depend on when the template was started.
    """
    kept = {key: value for key, value in os.environ.items() if key in _KEPT or key.startswith(_KEPT_PREFIXES)}
    kept.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    kept.setdefault("LANG", "C.UTF-8")
    # One thread each while importing: a process with more cannot be forked safely.
    libraries = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    kept.update({f"{library}_NUM_THREADS": "1" for library in libraries})
    kept.update(PYTHONHASHSEED="0", PYTHONNOUSERSITE="1", **{_MARK: "1"})
    os.execve(sys.executable, [sys.executable, os.path.abspath(__file__), *sys.argv[1:]], kept)


if __name__ == "__main__":
    if os.environ.pop(_MARK, None) is None:
        _start_again()
    # The folder of this file is no place to import from; the package is, but after the environment.
    sys.path[0:1] = []
    sys.path.append(_PACKAGE)
    from alidade._host.forkserver import main

    sys.exit(main())
