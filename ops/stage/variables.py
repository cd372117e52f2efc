"""A stage's settings, as far as they are outputs of its stack."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import capabilities
from capabilities.capability import Capability
from ops.stage import json_file


def names(switched_on: Iterable[Capability]) -> list[str]:
    """Return the settings that are outputs of a stack, of the same name in CamelCase."""
    return [name for each in switched_on for name in each.settings]


def output_of(name: str) -> str:
    """Return the output that a setting is."""
    return name.title().replace('_', '')


def of_capabilities(switched_on: Collection[str]) -> dict[str, str]:
    """Return the setting that tells the function what is switched on, where that is not all."""
    if set(switched_on) == set(capabilities.NAMES):
        return {}
    return {'CAPABILITIES': ' '.join(sorted(switched_on)) or 'none'}


def of_outputs(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among a stack's outputs."""
    every = names(capabilities.of_a_stage())
    return {name: outputs[output_of(name)] for name in every if outputs.get(output_of(name))}


def write(project: Path, stage: str, settings: Mapping[str, str | None]) -> dict[str, str | None]:
    """Write a stage's settings into .chalice/config.json; those that are None are taken out.

    Everything else in the file stays as it is. Returns the settings that differ now; where none
    does, the file is left alone.
    """
    file = project / '.chalice' / 'config.json'
    config = json_file.read(file)
    variables = config['stages'][stage].get('environment_variables', {})
    changed = {name: value for name, value in settings.items() if variables.get(name) != value}
    if changed:
        left = {name: value for name, value in (variables | changed).items() if value is not None}
        config['stages'][stage]['environment_variables'] = left
        json_file.replace(file, config)
    return changed


def name_policy(project: Path, stage: str, policy_file: str) -> bool:
    """Name a stage's own policy to Chalice, which reads the project's else; tell if that is new."""
    file = project / '.chalice' / 'config.json'
    config = json_file.read(file)
    of_stage = config['stages'][stage]
    is_new: bool = of_stage.get('iam_policy_file') != policy_file
    if is_new:
        of_stage['iam_policy_file'] = policy_file
        json_file.replace(file, config)
    return is_new
