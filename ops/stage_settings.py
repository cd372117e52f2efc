"""A stage's settings, as far as they are outputs of its stack."""

from collections.abc import Mapping

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
