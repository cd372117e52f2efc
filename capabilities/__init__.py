"""What the middleware can do, one module each; a stage may switch any of them off.

A capability is its code in `chalicelib/<name>/`, its part of the template in
`resources/<name>.json`, its tests in `tests/<name>/`, and a module here. Everything else that has
to know of it, such as parameters, policies and checks, is derived from these.
"""

import pkgutil
from collections.abc import Collection, Sequence
from importlib import import_module

from capabilities.capability import Capability
from capabilities.stage import STAGE

NAMES: Sequence[str] = tuple(
    sorted({name for _, name, _ in pkgutil.iter_modules(__path__)} - {'capability', 'stage'})
)
EVERY: Sequence[Capability] = [import_module(f'capabilities.{name}').CAPABILITY for name in NAMES]


def of_a_stage(switched_on: Collection[str] = NAMES) -> list[Capability]:
    """Return what a stage has: what every stage has, and the capabilities that are switched on."""
    return [STAGE, *(each for each in EVERY if each.name in switched_on)]
