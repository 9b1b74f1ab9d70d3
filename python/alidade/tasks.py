"""Marks functions as tasks."""

from __future__ import annotations

from typing import Any, Callable, Optional, TypeVar, Union, overload

Function = TypeVar("Function", bound=Callable[..., Any])


@overload
def task(function: Function) -> Function: ...


@overload
def task(*, name: Optional[str] = None) -> Callable[[Function], Function]: ...


def task(
    function: Optional[Function] = None, *, name: Optional[str] = None
) -> Union[Function, Callable[[Function], Function]]:
    """Marks a function as a task of its file, under its own name or another.

    The function stays what it is: it can be called and tested as any other. Its annotations are read
    when the file is registered, without running it.
    """

    def mark(marked: Function) -> Function:
        marked.__alidade_task__ = name or marked.__name__  # type: ignore[attr-defined]
        return marked

    return mark if function is None else mark(function)


register = task
