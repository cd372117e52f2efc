"""Tests outside a capability's room that ask of it: they are left out where it is taken out."""

import pytest

import capabilities


def needs(*names: str) -> pytest.MarkDecorator:
    """Return the mark of a test that needs capabilities, by name."""
    return pytest.mark.skipif(
        not set(names) <= set(capabilities.NAMES), reason='a capability is taken out'
    )
