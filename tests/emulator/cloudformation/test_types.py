"""The properties that need another resource are those of CloudFormation's own schemas."""

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from emulator.cloudformation import types
from tests.support.stages.stage_on_emulator import REGION


def schema(resource_type: str) -> dict[str, Any]:
    """Return what CloudFormation says of a type."""
    found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize('resource_type', sorted(types.TYPES))
def test_those_and_no_others_need_another_resource(resource_type: str) -> None:
    known = schema(resource_type)
    expected = {path.split('/')[2] for path in known.get('createOnlyProperties', [])}

    assert types.need_replacement(resource_type, known['properties']) == expected
