"""What a job uses of the machine, as series beside those it records itself."""

from __future__ import annotations

import ctypes
import os
from typing import Callable, Dict, List, Optional

from . import linux
from .limits import own_memory
from .traffic import Traffic

_TICKS = os.sysconf("SC_CLK_TCK")
_FIRST_AFTER = 2.0


class Usage:
    """Looks at all processes of a job together, soon after its start and then at intervals.

    ``system/cpu`` is in percent of one processor, ``system/memory`` in bytes, what ``Traffic`` counts in bytes a
    second; ``system/gpu0`` and ``system/gpu0/memory`` are those of a card the job has used, whoever else uses it.
    """

    def __init__(self, every: float, moment: float) -> None:
        self._every = every
        self._next = moment + min(every, _FIRST_AFTER) if every > 0 else float("inf")
        self._started = moment
        self._seen = 0.0
        self._at = moment
        self._cards: Optional[Cards] = None
        self._traffic = Traffic()

    @property
    def next_look(self) -> float:
        return self._next

    def look(self, moment: float, all_of_job: Callable[[], List[int]]) -> Dict[str, float]:
        """What is to be recorded now; mostly nothing."""
        if moment < self._next:
            return {}
        self._next = moment + self._every
        processes = all_of_job()
        seen, memory = sum(map(_processor_time, processes)), sum(map(own_memory, processes))
        # Time of a process that ended unwaited is lost with it: the sum may go back.
        seconds = max(moment - self._at, 1e-3)
        cpu = max(0.0, seen - self._seen) / seconds * 100
        self._seen, self._at = seen, moment
        return {
            "system/cpu": round(cpu, 1),
            "system/memory": float(memory),
            **self._traffic.since(processes, seconds),
            **self._of_cards(processes),
        }

    def step(self, moment: float) -> int:
        """Whole seconds since the start."""
        return int(moment - self._started)

    def _of_cards(self, processes: List[int]) -> Dict[str, float]:
        if self._cards is None:
            self._cards = Cards()
        return self._cards.used_by(processes)


class Cards:
    """NVIDIA's management library, where there is one; it needs no device of its own."""

    def __init__(self) -> None:
        self._library: Optional[ctypes.CDLL] = None
        if not os.path.exists("/dev/nvidiactl"):
            return
        try:
            library = ctypes.CDLL("libnvidia-ml.so.1")
            self._library = library if library.nvmlInit_v2() == 0 else None
        except OSError:
            pass  # cards without their library

    def used_by(self, processes: List[int]) -> Dict[str, float]:
        library = self._library
        if library is None:
            return {}
        found: Dict[str, float] = {}
        count = ctypes.c_uint()
        library.nvmlDeviceGetCount_v2(ctypes.byref(count))
        for number in range(count.value):
            card = ctypes.c_void_p()
            if library.nvmlDeviceGetHandleByIndex_v2(number, ctypes.byref(card)) == 0:
                found.update(_card(library, card, f"system/gpu{number}", processes))
        return found


class _Process(ctypes.Structure):
    _fields_ = [
        ("pid", ctypes.c_uint),
        ("memory", ctypes.c_ulonglong),
        ("instance", ctypes.c_uint),
        ("compute", ctypes.c_uint),
    ]


class _Utilization(ctypes.Structure):
    _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]


def _card(library: ctypes.CDLL, card: ctypes.c_void_p, name: str, processes: List[int]) -> Dict[str, float]:
    """Nothing for a card that none of the processes has opened."""
    count = ctypes.c_uint(256)
    running = (_Process * count.value)()
    if library.nvmlDeviceGetComputeRunningProcesses_v3(card, ctypes.byref(count), running) != 0:
        return {}
    own = [process for process in running[: count.value] if process.pid in processes]
    utilization = _Utilization()
    if not own or library.nvmlDeviceGetUtilizationRates(card, ctypes.byref(utilization)) != 0:
        return {}
    return {name: float(utilization.gpu), f"{name}/memory": float(sum(process.memory for process in own))}


def _processor_time(pid: int) -> float:
    """Seconds, with those of children that were waited for."""
    try:
        return sum(map(int, linux.stat(pid)[11:15])) / _TICKS
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
