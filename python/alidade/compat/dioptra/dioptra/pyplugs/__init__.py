"""Registration and look-up of plugin functions by package, module and name."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, TypeVar

from dioptra.sdk.exceptions import UnknownPackageError, UnknownPluginError, UnknownPluginFunctionError

__all__ = [
    "PluginInfo",
    "call",
    "call_factory",
    "exists",
    "exists_factory",
    "funcs",
    "funcs_factory",
    "get",
    "get_factory",
    "info",
    "info_factory",
    "names",
    "names_factory",
    "register",
]

Plugin = TypeVar("Plugin", bound=Callable[..., Any])


@dataclass(frozen=True)
class PluginInfo:
    """What is known about one registered function."""

    package_name: str
    plugin_name: str
    func_name: str
    func: Callable[..., Any]
    description: str
    doc: str
    module_doc: str
    sort_value: float


_registered: Dict[str, Dict[str, Dict[str, PluginInfo]]] = {}


def register(_func: Optional[Plugin] = None, *, sort_value: float = 0) -> Any:
    """Registers a function under the module it is defined in; it stays what it is."""

    def decorate(func: Plugin) -> Plugin:
        package, _, plugin = func.__module__.rpartition(".")
        doc = func.__doc__ or ""
        description, _, rest = doc.strip().partition("\n\n")
        module = sys.modules.get(func.__module__)
        found = PluginInfo(
            package,
            plugin,
            func.__name__,
            func,
            " ".join(description.split()),
            rest.strip(),
            (getattr(module, "__doc__", None) or "").strip(),
            sort_value,
        )
        _registered.setdefault(package, {}).setdefault(plugin, {})[func.__name__] = found
        return func

    return decorate if _func is None else decorate(_func)


def names(package: str) -> List[str]:
    """The modules of a package that register something, by sort value and name."""
    _import_all(package)
    plugins = _registered.get(package, {})
    return sorted(plugins, key=lambda plugin: (_first(plugins[plugin]).sort_value, plugin))


def funcs(package: str, plugin: str) -> List[str]:
    """The functions that a module registers, in their order."""
    return list(_plugin(package, plugin))


def info(package: str, plugin: str, func: Optional[str] = None) -> PluginInfo:
    """What is known about a function; without ``func`` about the first of the module."""
    found = _plugin(package, plugin)
    if func is None:
        return _first(found)
    if func not in found:
        raise UnknownPluginFunctionError(f"module {plugin!r} of package {package!r} registers no function {func!r}")
    return found[func]


def exists(package: str, plugin: str) -> bool:
    """Whether a module of a package registers something."""
    try:
        _plugin(package, plugin)
    except (UnknownPackageError, UnknownPluginError):
        return False
    return True


def get(package: str, plugin: str, func: Optional[str] = None) -> Callable[..., Any]:
    """A registered function."""
    return info(package, plugin, func).func


def call(package: str, plugin: str, func: Optional[str] = None, *args: Any, **kwargs: Any) -> Any:
    """Calls a registered function."""
    return get(package, plugin, func)(*args, **kwargs)


def names_factory(package: str) -> Callable[[], List[str]]:
    return functools.partial(names, package)


def funcs_factory(package: str) -> Callable[[str], List[str]]:
    return functools.partial(funcs, package)


def info_factory(package: str) -> Callable[..., PluginInfo]:
    return functools.partial(info, package)


def exists_factory(package: str) -> Callable[[str], bool]:
    return functools.partial(exists, package)


def get_factory(package: str) -> Callable[..., Callable[..., Any]]:
    return functools.partial(get, package)


def call_factory(package: str) -> Callable[..., Any]:
    return functools.partial(call, package)


def _plugin(package: str, plugin: str) -> Dict[str, PluginInfo]:
    if plugin not in _registered.get(package, {}):
        _import(package, plugin)
    found = _registered.get(package, {}).get(plugin)
    if not found:
        raise UnknownPluginError(f"module {plugin!r} of package {package!r} registers no function")
    return found


def _first(plugin: Dict[str, PluginInfo]) -> PluginInfo:
    return next(iter(plugin.values()))


def _import(package: str, plugin: str) -> None:
    if package:
        _import_package(package)
    name = f"{package}.{plugin}" if package else plugin
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise UnknownPluginError(f"package {package!r} has no module {plugin!r}") from None


def _import_package(package: str) -> Any:
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name is None or not (package == error.name or package.startswith(error.name + ".")):
            raise
        raise UnknownPackageError(f"no package {package!r} can be imported") from None


def _import_all(package: str) -> None:
    for module in pkgutil.iter_modules(_import_package(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
