"""Says early that a library is missing."""

from __future__ import annotations

import functools
import importlib
from typing import Any, Callable, Optional, Type, TypeVar

from dioptra.sdk.exceptions import BaseOptionalDependencyError

__all__ = ["require_package"]

Function = TypeVar("Function", bound=Callable[..., Any])


def require_package(
    name: str,
    exc_message: Optional[str] = None,
    exc_type: Type[BaseOptionalDependencyError] = BaseOptionalDependencyError,
) -> Callable[[Function], Function]:
    """A call of the function raises ``exc_type`` where the package cannot be found."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            try:
                importlib.import_module(name)
            except ModuleNotFoundError as error:
                text = exc_message or f'The package "{name}" is required to use {function.__name__}'
                raise exc_type(text) from error
            return function(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return decorate
