"""The random generators of a job, set from its seed.

A forked process inherits the state of every generator: without this all jobs would draw the same.
"""

from __future__ import annotations

import os
import random
import sys
from typing import Any

from .imports import after_import


def seed_all(seed: int) -> None:
    """Seeds what is loaded, and numpy and torch also when they are imported only later."""
    seeds = _Seeds(seed)
    random.seed(seed)
    after_import(
        {
            "numpy.random": lambda module: module.seed(seeds.current % 2**32),
            "torch": lambda module: module.manual_seed(seeds.current % 2**63),
        }
    )
    os.register_at_fork(before=seeds.count, after_in_child=seeds.begin_child)


class _Seeds:
    """Gives each process that user code forks a seed of its own: the children of a job, in their order, draw what they
    drew the last time, and not what their siblings draw. (Python gives ``random`` a chance seed in them, and numpy none.)
    """

    def __init__(self, seed: int) -> None:
        self.current = seed
        self._children = 0

    def count(self) -> None:
        self._children += 1

    def begin_child(self) -> None:
        self.current = random.Random(f"{self.current} {self._children}").getrandbits(63)
        self._children = 0
        random.seed(self.current)
        if "numpy.random" in sys.modules:
            _renew(sys.modules["numpy.random"], self.current % 2**32)


def _renew(module: Any, seed: int) -> None:
    """Not by ``seed`` where numpy has a way around it: that waits for a lock, which a thread of the parent may hold."""
    if hasattr(module, "set_bit_generator"):
        module.set_bit_generator(module.MT19937(seed))
    else:
        module.seed(seed)
