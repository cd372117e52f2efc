"""Every environment variable the app knows, read when it is asked for."""

import os
import re

from chalice.app import ChaliceViewError

from chalicelib import patterns


class MissingSetting(ChaliceViewError):
    """A setting that is needed is not there."""

    STATUS_CODE = 503

    def __init__(self, name: str, purpose: str) -> None:
        super().__init__(
            f'{name} is not set: {purpose}. Whoever runs this API sets it among the '
            "stage's environment_variables in .chalice/config.json; trying again does not help."
        )


def cognito_user_pool_arn() -> str:
    """Return the ARN of the user pool whose people may call."""
    purpose = 'the ARN of the user pool whose people may call, which `python -m ops up` sets'
    return _required('COGNITO_USER_POOL_ARN', purpose)


def cognito_client_ids() -> frozenset[str]:
    """Return the app clients whose tokens are taken; empty means every client of the pool."""
    value = os.environ.get('COGNITO_CLIENT_IDS', '')
    ids = frozenset(value.replace(',', ' ').split())
    if value.strip() and not ids:
        raise MissingSetting('COGNITO_CLIENT_IDS', 'it has a value that names no app client')
    return ids


def cognito_domain_url() -> str:
    """Return the scheme and host of the user pool's sign-in pages."""
    name = 'COGNITO_DOMAIN_URL'
    url = _required(name, "the address of the user pool's sign-in pages").rstrip('/')
    if not re.fullmatch(r'(https://[a-zA-Z0-9.-]+|http://localhost)(:[0-9]{1,5})?', url):
        raise MissingSetting(name, 'it has a value that is not https:// and a host')
    return url


def cognito_issuer_url() -> str:
    """Return the pool's issuer: its discovery document is under it, and its tokens name it."""
    stated = os.environ.get('COGNITO_ISSUER_URL', '').strip().rstrip('/')
    if stated:
        return stated
    _, partition, _, region, _, pool = cognito_user_pool_arn().split(':')
    domain = 'amazonaws.com.cn' if partition == 'aws-cn' else 'amazonaws.com'
    endpoint = os.environ.get('AWS_ENDPOINT_URL') or f'https://cognito-idp.{region}.{domain}'
    return f'{endpoint.rstrip("/")}/{pool.removeprefix("userpool/")}'


def mcp_authorization_server() -> str:
    """Return whom MCP clients ask for tokens: the `pool`, or this `api` in its place."""
    name = 'MCP_AUTHORIZATION_SERVER'
    value = os.environ.get(name, '').strip() or 'pool'
    if value not in ('pool', 'api'):
        raise MissingSetting(name, 'it has a value that is neither pool nor api')
    return value


def records_table_name() -> str:
    """Return the DynamoDB table that records are found in."""
    return _required('RECORDS_TABLE_NAME', 'the DynamoDB table that records are found in')


def workflow_state_machine_arn() -> str:
    """Return the ARN of the state machine that workflows are executions of."""
    return _required('WORKFLOW_STATE_MACHINE_ARN', 'the state machine that is started')


def records_keys() -> tuple[str, ...]:
    """Return the patterns of the partition keys that a person may ask for; empty means all."""
    try:
        return patterns.of_records(os.environ.get('RECORDS_KEYS', ''))
    except patterns.InvalidPattern as error:
        raise MissingSetting('RECORDS_KEYS', f'it has a value in which {error}') from error


def documents_bucket_name() -> str:
    """Return the S3 bucket that holds the documents.

    It can't be the one of the SQL results: what everybody has asked for would be documents.
    """
    name = 'DOCUMENTS_BUCKET_NAME'
    bucket = _required(name, 'the S3 bucket that holds the documents')
    if bucket == os.environ.get('RESULTS_BUCKET_NAME', '').strip():
        raise MissingSetting(name, 'it has the bucket of RESULTS_BUCKET_NAME; each needs its own')
    return bucket


def documents_prefix() -> str:
    """Return what the keys of all documents begin with: nothing, or a folder's path and a slash."""
    path = os.environ.get('DOCUMENTS_PREFIX', '').strip().strip('/')
    return f'{path}/' if path else ''


def documents_prefixes() -> tuple[str, ...]:
    """Return the patterns of the folders that a person may see; empty means all."""
    try:
        return patterns.of_documents(os.environ.get('DOCUMENTS_PREFIXES', ''))
    except patterns.InvalidPattern as error:
        raise MissingSetting('DOCUMENTS_PREFIXES', f'it has a value in which {error}') from error


def person_role_arn() -> str:
    """Return the role that is assumed for each person; empty means the function's own works."""
    arn = os.environ.get('PERSON_ROLE_ARN', '').strip()
    if arn and not re.fullmatch(r'arn:[\w-]+:iam::[0-9]{12}:role/[\w+=,.@/-]{1,576}', arn):
        raise MissingSetting('PERSON_ROLE_ARN', "it has a value that is no role's ARN")
    return arn


def openai_file_hosts() -> frozenset[str]:
    """Return the hosts that files of a conversation are fetched from, subdomains included."""
    hosts = os.environ.get('OPENAI_FILE_HOSTS', '').strip() or 'oaiusercontent.com'
    return frozenset(hosts.lower().replace(',', ' ').split())


def redshift_connection() -> dict[str, str]:
    """Return what the Redshift Data API is told of where, and as whom, to run a statement."""
    cluster = os.environ.get('REDSHIFT_CLUSTER_IDENTIFIER', '').strip()
    purpose = 'the workgroup that runs SQL statements, unless REDSHIFT_CLUSTER_IDENTIFIER is set'
    workgroup = '' if cluster else _required('REDSHIFT_WORKGROUP_NAME', purpose)
    connection = {
        'ClusterIdentifier': cluster,
        'WorkgroupName': workgroup,
        'Database': _required('REDSHIFT_DATABASE', 'the database that SQL statements run in'),
        'SecretArn': os.environ.get('REDSHIFT_SECRET_ARN', '').strip(),
        'DbUser': os.environ.get('REDSHIFT_DB_USER', '').strip(),
    }
    return {name: value for name, value in connection.items() if value}


def results_bucket_name() -> str:
    """Return the bucket that the results of SQL statements are put into."""
    return _required('RESULTS_BUCKET_NAME', 'the bucket that results of SQL statements go to')


def function_name() -> str:
    """Return the Lambda function's name, the dimension under which its metrics are kept."""
    return os.environ.get('AWS_LAMBDA_FUNCTION_NAME', 'local')


def _required(name: str, purpose: str) -> str:
    value = os.environ.get(name, '').strip()
    if not value:
        raise MissingSetting(name, purpose)
    return value
