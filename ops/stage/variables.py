"""A stage's settings, as far as they are outputs of its stack."""

from collections.abc import Mapping
from pathlib import Path

from ops.stage import json_file

# Each is the output of the same name in CamelCase.
OF_A_STACK = (
    'COGNITO_USER_POOL_ARN',
    'COGNITO_CLIENT_IDS',
    'COGNITO_DOMAIN_URL',
    'REDSHIFT_WORKGROUP_NAME',
    'REDSHIFT_CLUSTER_IDENTIFIER',
    'REDSHIFT_DATABASE',
    'REDSHIFT_SECRET_ARN',
    'REDSHIFT_DB_USER',
    'RESULTS_BUCKET_NAME',
    'RECORDS_TABLE_NAME',
    'DOCUMENTS_BUCKET_NAME',
    'WORKFLOW_STATE_MACHINE_ARN',
)


def of_outputs(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among a stack's outputs."""
    named = {name: name.title().replace('_', '') for name in OF_A_STACK}
    return {name: outputs[output] for name, output in named.items() if outputs.get(output)}


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
