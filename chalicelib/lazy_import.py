"""Modules that are loaded when they are first used.

A cold start answers one operation; it need not load what only the others use.
"""

import sys
from importlib.util import LazyLoader, find_spec, module_from_spec
from types import ModuleType


def lazy_import(name: str) -> ModuleType:
    """Return a module of chalicelib that is loaded at the first look into it."""
    # A second one of the same name would have classes and settings of its own.
    if loaded := sys.modules.get(f'chalicelib.{name}'):
        return loaded
    spec = find_spec(f'chalicelib.{name}')
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f'There is no chalicelib/{name}.py.')
    spec.loader = LazyLoader(spec.loader)
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
