"""Modules that are loaded when they are first used, though they are imported in the plain way.

A cold start answers one operation; it need not load what only the others use. So a module of
chalicelib is there as soon as it is imported, and its code runs at the first look into it.

The standard library's LazyLoader does the same, but two threads could run a module at once before
Python 3.11.9 and 3.12.3 (https://github.com/python/cpython/issues/114763), and what it raises at a
second look is not what was wrong at the first. The classes of importlib.abc are not used: importing
it takes longer than all the rest of a cold start's imports.
"""

import sys
from collections.abc import Collection, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

# One for all modules: two threads can't wait for each other's.
_loading = RLock()


class _LazyModule(ModuleType):
    """A module whose code has not run."""

    def __getattribute__(self, name: str) -> Any:
        # The import statement looks at it, of a module that it finds imported.
        if name != '__spec__':
            with _loading:
                loader = object.__getattribute__(self, '__spec__').loader
                if isinstance(loader, _LazyLoader):
                    loader.load(self)
        return object.__getattribute__(self, name)


class _LazyLoader:
    """Puts off what another loader does, until somebody looks into the module."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._is_running = False

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module's code for later."""
        module.__class__ = _LazyModule

    def load(self, module: ModuleType) -> None:
        """Run the module's code, unless this is that code; what it raises, it will raise again."""
        if self._is_running:
            return
        self._is_running = True
        try:
            self._loader.exec_module(module)
        finally:
            self._is_running = False
        if module.__spec__:
            module.__spec__.loader = module.__loader__ = self._loader
        module.__class__ = ModuleType


class _LazyFinder:
    """Finds the modules of a package, to be loaded lazily; its folders are no more than that.

    And single modules of others, by their names.
    """

    def __init__(self, package: str, others: Collection[str]) -> None:
        self._package = package
        self._others = frozenset(others)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f'{self._package}.') and fullname not in self._others:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.submodule_search_locations is None:
            lazy: Any = _LazyLoader(spec.loader)
            spec.loader = lazy
        return spec


def install(package: str, *others: str) -> None:
    """Have what is imported from now on of a package, and of others, loaded lazily."""
    sys.meta_path.insert(0, _LazyFinder(package, others))
