"""Makes the forked process fit for user code: environment, signals, streams, logging, seed, threads, path."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
from types import ModuleType
from typing import Dict, List

from ..errors import JobCancelled
from . import logs
from .channel import Channel, keep_order_with_processes, open_output
from .frames import STDERR, STDOUT
from .sandbox import Sandbox
from .seeds import seed_all

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS",
)
_BLAS_SETTERS = (
    "openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "scipy_openblas_set_num_threads64_",
    "MKL_Set_Num_Threads",
    "omp_set_num_threads",
)
_COMPAT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "compat", "dioptra")


class Process:
    """What it takes for that is made before the fork, where it can be."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._out = open_output(channel, STDOUT, 1)
        self._err = open_output(channel, STDERR, 2)
        self._log = logs.prepare(channel)
        # Programs that start workers by import must not find the template in __main__.
        self._main = ModuleType("__main__")

    def enter(self, sandbox: Sandbox) -> None:
        attempt = sandbox.attempt
        for name, value in _environment(sandbox).items():  # update() goes through three times as much code
            os.environ[name] = value
        _handle_signals(self._channel)
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]
        sys.stdout = sys.__stdout__ = self._out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self._err  # type: ignore[misc]
        faulthandler.enable(2)
        keep_order_with_processes(self._channel)
        logs.take_over(self._log)
        seed_all(attempt.seed)
        _set_threads(attempt.threads)
        sys.argv = [str(attempt.plan.get("entrypoint", {}).get("name", "job"))]
        sys.modules["__main__"] = self._main
        sys.path.insert(0, os.path.join(sandbox.folder, "plugins"))
        sys.path.append(_COMPAT)
        sys.dont_write_bytecode = True


def _environment(sandbox: Sandbox) -> Dict[str, str]:
    attempt = sandbox.attempt
    threads = str(attempt.threads)
    programs = os.path.dirname(sys.executable)
    path = os.environ["PATH"]
    return {
        "PATH": path if programs in path.split(":") else f"{programs}:{path}",
        **{name: threads for name in _THREAD_VARIABLES},
        **sandbox.environment,
        "ALIDADE_JOB_ID": str(attempt.job),
        "ALIDADE_ATTEMPT": str(attempt.attempt),
        "__JOB_ID": str(attempt.job),
        **sandbox.relay,
        **attempt.environment,
    }


def _handle_signals(channel: Channel) -> None:
    def cancel(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        channel.interrupt(_raise_cancelled)

    for name in (signal.SIGHUP, signal.SIGCHLD):
        signal.signal(name, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, cancel)
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _raise_cancelled() -> None:
    raise JobCancelled("the job was asked to end")


def _set_threads(threads: int) -> None:
    """Libraries that are loaded already have read their variables; those that can are told again."""
    if threads != 1:
        for path in _blas_libraries():
            library = ctypes.CDLL(path)
            for name in _BLAS_SETTERS:
                if hasattr(library, name):
                    getattr(library, name)(ctypes.c_int(threads))
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def _blas_libraries() -> List[str]:
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        paths = {line.split(None, 5)[5].strip() for line in file if ".so" in line}
    names = ("openblas", "mkl_rt", "libgomp", "libiomp")
    return sorted(path for path in paths if any(name in os.path.basename(path) for name in names))
