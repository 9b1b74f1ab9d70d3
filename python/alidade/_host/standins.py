"""What ``compat/command`` leads to, in a program that a command step starts."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys

_COMPAT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "compat")


def lead(name: str) -> None:
    """Makes an import take the environment's package, which comes later on the path, and our stand-in without one."""
    own = os.path.join(_COMPAT, "command")
    places = [place for place in sys.path if os.path.abspath(place) != own]
    spec = importlib.machinery.PathFinder.find_spec(name, [*places, os.path.join(_COMPAT, "dioptra")])
    assert spec is not None and spec.loader is not None
    sys.modules[name] = importlib.util.module_from_spec(spec)  # what the import statement then takes
    spec.loader.exec_module(sys.modules[name])
