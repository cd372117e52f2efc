"""What each capability has to say of a person's access, in a module access.py beside its code."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct

from chalicelib import settings
from chalicelib.identity import Caller

_CODE = Path(__file__).parent.parent


class Reach(Struct):
    """What of one kind of thing the person may reach."""

    of: Annotated[str, Meta(description='What it is about, for example documents.')]
    allowed: Annotated[
        list[str] | None,
        Meta(
            description='The folders, keys or names that the person may use, where a * stands for '
            'whatever follows. Null: all that there are.'
        ),
    ]
    notes: Annotated[list[str], Meta(description='Limits, and what else to know of it.')]


class Narrowed(NamedTuple):
    """The actions that a session is allowed on what is no group's, and on its own groups' only."""

    actions: list[str]
    statements: list[dict[str, Any]]


def reaches(caller: Caller) -> list[Reach]:
    """Return what a caller may reach of each capability."""
    return [module.reach(caller) for module in _modules()]


def narrowed(caller: Caller, partition: str) -> list[Narrowed]:
    """Return what a session of a caller's is kept to where groups mean something."""
    asked = (
        module.of_groups(caller, partition) for module in _modules() if hasattr(module, 'of_groups')
    )
    return [each for each in asked if each]


def configured() -> dict[str, tuple[str, ...]]:
    """Return the patterns of each capability that has some; raises MissingSetting."""
    return {
        module.__name__.split('.')[1]: module.configured()
        for module in _modules()
        if hasattr(module, 'configured')
    }


def _modules() -> Iterator[Any]:
    """Yield the modules of the capabilities that are switched on, and that have one."""
    switched_on = settings.capabilities()
    for name, module in _every():
        if switched_on is None or name in switched_on:
            yield module


@cache
def _every() -> list[tuple[str, Any]]:
    names = sorted(file.parent.name for file in _CODE.glob('*/access.py'))
    return [(name, import_module(f'chalicelib.{name}.access')) for name in names]
