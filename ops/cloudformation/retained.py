"""What stays when a stack goes: people and data, and how they are used again or removed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import capabilities
from capabilities.capability import Kept

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef

RETAINING = ('Retain', 'RetainExceptOnCreate')

KEPT = {name: kept for each in capabilities.of_a_stage() for name, kept in each.kept.items()}


def split(
    resources: 'Iterable[StackResourceSummaryTypeDef]', template: Mapping[str, Mapping[str, object]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the physical ids of what goes with a stack and of what stays, by logical id."""
    going: dict[str, str] = {}
    staying: dict[str, str] = {}
    for each in resources:
        logical_id, physical_id = each['LogicalResourceId'], each.get('PhysicalResourceId', '')
        if physical_id and each['ResourceStatus'] != 'DELETE_COMPLETE':
            policy = template.get(logical_id, {}).get('DeletionPolicy')
            (staying if policy in RETAINING else going)[logical_id] = physical_id
    return going, staying


def describe(staying: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each thing that stays: what it is, and how it can be removed by hand."""
    for logical_id, physical_id in staying.items():
        kind = KEPT.get(logical_id, Kept('retained'))
        yield f'{logical_id} {physical_id}: {kind.what}'
        if kind.removal:
            yield f'  to remove it for good: {kind.removal.format(id=physical_id)}'


def as_parameters(staying: Mapping[str, str], outputs: Mapping[str, str]) -> Iterator[str]:
    """Yield the options of `ops up` and `ops deploy` by which a new stack uses what stays."""
    for logical_id in staying:
        kind = KEPT.get(logical_id, Kept(''))
        if kind.parameter and kind.output in outputs:
            yield f'-p {kind.parameter}={outputs[kind.output]}'
