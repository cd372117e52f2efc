"""A module that is imported lazily is loaded at the first look into it."""

import sys

import pytest

from chalicelib import errors
from chalicelib.lazy_import import lazy_import


def test_module_is_loaded_at_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, 'chalicelib.success', raising=False)

    module = lazy_import('success')

    assert type(module).__name__ == '_LazyModule'
    assert module.Success.__name__ == 'Success'
    assert type(module).__name__ == 'module'


def test_module_that_is_there_already_stays_the_only_one() -> None:
    assert lazy_import('errors') is errors


def test_unknown_module_is_refused_at_once() -> None:
    with pytest.raises(ModuleNotFoundError, match=r'chalicelib/nothing\.py'):
        lazy_import('nothing')
