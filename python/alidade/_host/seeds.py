"""The random generators of a job, set from its seed.

A forked process inherits the state of every generator: without this all jobs would draw the same.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import random
import sys
from types import ModuleType
from typing import Any, Callable, Dict, Optional, Sequence


def seed_all(seed: int) -> None:
    """Seeds what is loaded now, and numpy and torch as soon as they are imported."""
    random.seed(seed)
    later: Dict[str, Callable[[ModuleType], None]] = {}
    for name, apply in (
        ("numpy.random", lambda module: module.seed(seed % 2**32)),
        ("torch", lambda module: module.manual_seed(seed % 2**63)),
    ):
        if name in sys.modules:
            apply(sys.modules[name])
        else:
            later[name] = apply
    if later:
        sys.meta_path.insert(0, _AfterImport(later))


class _AfterImport(importlib.abc.MetaPathFinder):
    """Runs an action on a module right after it has been executed."""

    def __init__(self, actions: Dict[str, Callable[[ModuleType], None]]) -> None:
        self._actions = actions

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        action = self._actions.get(fullname)
        if action is None:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, action)
                return spec
        return None


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, action: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._action = action

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # From here on the module is an ordinary one: only its first execution was to be seen.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._action(module)
