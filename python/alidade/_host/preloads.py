"""What a template imports ahead, and when it must not."""

from __future__ import annotations

import importlib
import os
import sys
from typing import List, Sequence

# What the CUDA driver holds open in a process that uses it: nvidiactl, nvidia0, nvidia-uvm and others.
CUDA_DEVICES = "/dev/nvidia"


def load(modules: Sequence[str]) -> List[str]:
    """Imports; a module that cannot be imported is no reason to serve no job at all. Returns notes."""
    notes = []
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:
            notes.append(f"preload {name}: {type(error).__name__}: {error}")
    # What was printed and not written yet would be written by every fork.
    sys.stdout.flush()
    sys.stderr.flush()
    return notes


def obstacle() -> str:
    """What keeps this process from being forked; threads and the CUDA driver do not survive it."""
    others = thread_count() - 1
    if others > 0:
        return f"the preloads left {'a thread' if others == 1 else f'{others} threads'} running"
    return "the preloads opened a CUDA device" if _has_cuda() else ""


def thread_count() -> int:
    return len(os.listdir("/proc/self/task"))


def _has_cuda() -> bool:
    links = (os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
    return any(os.readlink(link).startswith(CUDA_DEVICES) for link in links if os.path.islink(link))
