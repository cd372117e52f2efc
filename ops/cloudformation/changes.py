"""A change set as a table, and the changes that are refused unless somebody allows them."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import click

import capabilities
from ops.cloudformation.stack import Change

# What is lost with a resource that is replaced or removed, even where the old one is retained.
LOST = {kind: what for each in capabilities.of_a_stage() for kind, what in each.lost.items()}
_REPLACED = {'True': 'yes', 'False': 'no', 'Conditional': 'maybe'}


class ChangeRefused(click.ClickException):
    """A change would lose people, data or an address."""


def refuse_losses(changes: Sequence[Change], meant: Collection[str] = ()) -> None:
    """Raise ChangeRefused if a change replaces or removes what is not to be lost.

    What is ``meant`` to go, by logical id, is no loss.
    """
    if lost := list(_losses(each for each in changes if each.logical_id not in meant)):
        raise ChangeRefused(
            '\n  '.join(['This would lose what cannot be brought back:', *lost])
            + '\nNothing was changed. If that is meant, add --allow-replacement.'
        )


def _losses(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if held := LOST.get(change.resource_type):
            if change.action == 'Remove':
                yield f'{change.logical_id} is removed from the stack: {held}'
            elif _is_replaced(change):
                verb = 'is' if change.replacement == 'True' else 'may be'
                yield f'{change.logical_id} {verb} replaced by a new one: {held}'


def _is_replaced(change: Change) -> bool:
    return change.action != 'Add' and change.replacement in ('True', 'Conditional')


def table(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the lines of a table of changes."""
    rows = [('action', 'resource', 'type', 'replacement')]
    for each in sorted(changes, key=lambda change: (change.action, change.logical_id)):
        replaced = _REPLACED.get(each.replacement, each.replacement)
        rows.append((each.action, each.logical_id, each.resource_type, replaced))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        line = '  '.join(f'{cell:<{width}}' for cell, width in zip(row, widths, strict=True))
        lost = row[2] in LOST and (row[0] == 'Remove' or row[3] in ('yes', 'maybe'))
        yield click.style(line.rstrip(), fg='red', bold=True) if lost else line.rstrip()
