"""What a job moves: bytes a second from and to disks, and over the network it sees."""

from __future__ import annotations

from typing import Dict, List, Tuple

_DISK = {"read_bytes": "system/disk/read", "write_bytes": "system/disk/written"}
_RECEIVED, _SENT = 0, 8


class Traffic:
    """Counters of the kernel, as rates since the last look."""

    def __init__(self) -> None:
        self._seen: Dict[str, int] = {}

    def since(self, processes: List[int], seconds: float) -> Dict[str, float]:
        counted: Dict[str, int] = {**_disk(processes), **_network(processes)}
        # What was counted for a process that ended unwaited is lost with it: a sum may go back.
        rates = {name: round(max(0, count - self._seen.get(name, count)) / seconds, 1) for name, count in counted.items()}
        self._seen = counted
        return rates


def _disk(processes: List[int]) -> Dict[str, int]:
    """What really went to or came from a device; what memory holds costs no disk."""
    found: Dict[str, int] = {}
    for pid in processes:
        try:
            with open(f"/proc/{pid}/io", encoding="ascii") as lines:
                counters = dict(line.split(": ") for line in lines)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it has ended, or hides its counters
        for counter, name in _DISK.items():
            found[name] = found.get(name, 0) + int(counters[counter])
    return found


def _network(processes: List[int]) -> Dict[str, int]:
    """Of all interfaces but the loopback: a job that has no network has none."""
    for pid in processes:
        try:
            with open(f"/proc/{pid}/net/dev", encoding="ascii") as lines:
                counters = [_interface(line) for line in list(lines)[2:]]
        except (OSError, ValueError):
            continue
        real = [numbers for name, numbers in counters if name != "lo"]
        if not real:
            return {}
        return {
            "system/network/received": sum(numbers[_RECEIVED] for numbers in real),
            "system/network/sent": sum(numbers[_SENT] for numbers in real),
        }
    return {}


def _interface(line: str) -> Tuple[str, List[int]]:
    name, numbers = line.split(":")
    return name.strip(), [int(number) for number in numbers.split()]
