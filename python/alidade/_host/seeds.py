"""The random generators of a job, set from its seed.

A forked process inherits the state of every generator: without this all jobs would draw the same.
"""

from __future__ import annotations

import random

from .imports import after_import


def seed_all(seed: int) -> None:
    """Seeds what is loaded, and numpy and torch also when they are imported only later."""
    random.seed(seed)
    after_import(
        {
            "numpy.random": lambda module: module.seed(seed % 2**32),
            "torch": lambda module: module.manual_seed(seed % 2**63),
        }
    )
