"""What goes and what stays of capabilities that a stage had and that are now switched off."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

import capabilities
from ops.cloudformation import retained
from ops.deployment.bucket import empty
from ops.stage import json_file
from ops.stage.stage import Stage


def resources(stage: Stage, before: Mapping[str, Any]) -> set[str]:
    """Return the resources of a stack, by logical id, that may go: they lose nothing.

    They stay by their DeletionPolicy, or hold what nobody needs for long.
    """
    return {
        logical_id
        for logical_id in _of_what_is_off(stage)
        if (was := before.get('Resources', {}).get(logical_id))
        and (was.get('DeletionPolicy') in retained.RETAINING or logical_id in emptied_buckets())
    }


def emptied_buckets() -> set[str]:
    """Return the buckets, by logical id, that are emptied when they go."""
    return {each for one in capabilities.of_a_stage() for each in one.emptied}


def empty_buckets(stage: Stage, going: Mapping[str, str]) -> None:
    """Empty the buckets among what goes that nobody needs for long; all by logical id."""
    s3 = stage.session().client('s3', endpoint_url=stage.endpoint_url)
    for logical_id in emptied_buckets() & going.keys():
        name = going[logical_id]
        with suppress(s3.exceptions.NoSuchBucket):
            click.echo(f'Emptied the bucket {name}: {empty(s3, name)} objects.')


def tell(staying: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Tell what stays of what is switched off, and how it is used when that is on again."""
    if staying:
        click.echo('Switched off, and kept:')
        for line in retained.describe(staying):
            click.echo(f'  {line}')
    if again := ' '.join(retained.as_parameters(staying, outputs)):
        click.echo(f'  to use it when it is switched on again, add: {again}')


def _of_what_is_off(stage: Stage) -> Iterator[str]:
    for name in set(capabilities.NAMES) - set(stage.switched_on):
        part = json_file.read(Path(stage.config.project_dir) / 'resources' / f'{name}.json')
        yield from part['Resources']
