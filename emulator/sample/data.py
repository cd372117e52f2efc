"""What is there when the emulator starts: somebody who may sign in, and data to work on.

What takes its time is made when it is first asked for: the shop in Redshift, and the workflow. The
names stand in .chalice/config.json as the settings of the stage local.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from moto.cognitoidp.models import cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

import capabilities
from emulator.sample import documents, people, person_role, records
from ops.deployment import policy

if TYPE_CHECKING:
    from moto.cognitoidp.models import CognitoIdpUserPool
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

REGION = 'us-east-1'
# The id is in .chalice/config.json, so it has to be the same at every start.
POOL_ID = f'{REGION}_LocalPool'
CLIENT_NAME = 'MyCognitoUserPoolClient'
MCP_CLIENT_NAME = 'MyCognitoMcpClient'
SCOPES = ['openid', 'email', 'profile']
CALLBACK_URLS = [
    'http://localhost:8765/callback',
    'https://chat.openai.com/aip/g-local/oauth/callback',
    'https://chatgpt.com/aip/g-local/oauth/callback',
]
MCP_CALLBACK_URLS = [
    'http://localhost:8765/callback',
    'https://chatgpt.com/connector/oauth/local',
]
DOCUMENTS_PREFIXES = 'invoices/, policies/, reports/, shared/, people/{sub}/, groups/{group}/'
RECORDS_KEYS = 'CUSTOMER#*, USER#{sub}, GROUP#{group}'
RESULTS_BUCKET = 'sample-results'
EMAIL = people.JANE.email
TEMPORARY_PASSWORD = people.TEMPORARY_PASSWORD


def create(url: str) -> str:
    """Create it all with the calls that an operator would make; return the app client's id."""
    session = _session()
    records.seed(session.client('dynamodb', endpoint_url=url))
    s3 = session.client('s3', endpoint_url=url)
    documents.seed(s3)
    s3.create_bucket(Bucket=RESULTS_BUCKET)
    person_role.create(session.client('iam', endpoint_url=url), _person_policy())
    return _create_sign_in(session.client('cognito-idp', endpoint_url=url))


def _person_policy() -> dict[str, Any]:
    """Return what a person may do, as it is deployed for a stage with the settings of this one."""
    settings = {
        'DOCUMENTS_BUCKET_NAME': documents.BUCKET,
        'DOCUMENTS_PREFIXES': DOCUMENTS_PREFIXES,
        'RECORDS_TABLE_NAME': records.TABLE,
        'RECORDS_KEYS': RECORDS_KEYS,
        'REDSHIFT_DATABASE': 'dev',
        'REDSHIFT_WORKGROUP_NAME': 'sample',
        'RESULTS_BUCKET_NAME': RESULTS_BUCKET,
        'WORKFLOW_STATE_MACHINE_ARN': (
            f'arn:aws:states:{REGION}:{DEFAULT_ACCOUNT_ID}:stateMachine:sample-order'
        ),
    }
    place = policy.Place('aws', REGION, DEFAULT_ACCOUNT_ID)
    return policy.of_a_person(capabilities.of_a_stage(), settings, place)


@cache
def _session() -> boto3.Session:
    """Return the session whose models of the services are loaded once in a process."""
    return boto3.Session('local', 'local', region_name=REGION)


def _create_sign_in(cognito: 'CognitoIdentityProviderClient') -> str:
    _create_pool(cognito)
    cognito.create_user_pool_domain(UserPoolId=POOL_ID, Domain='middleware-local')
    client_id = _create_client(cognito, CLIENT_NAME, CALLBACK_URLS)
    _create_client(cognito, MCP_CLIENT_NAME, MCP_CALLBACK_URLS)
    people.create(cognito, _pool())
    return client_id


def _create_client(
    cognito: 'CognitoIdentityProviderClient', name: str, callback_urls: list[str]
) -> str:
    return cognito.create_user_pool_client(
        UserPoolId=POOL_ID,
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=['code'],
        AllowedOAuthScopes=SCOPES,
        CallbackURLs=callback_urls,
        LogoutURLs=['http://localhost:8765/'],
        SupportedIdentityProviders=['COGNITO'],
        ExplicitAuthFlows=['ALLOW_REFRESH_TOKEN_AUTH'],
        PreventUserExistenceErrors='ENABLED',
    )['UserPoolClient']['ClientId']


def _create_pool(cognito: 'CognitoIdentityProviderClient') -> None:
    pool_id = cognito.create_user_pool(
        PoolName='LocalPool',
        UsernameAttributes=['email'],
        UsernameConfiguration={'CaseSensitive': False},
        AutoVerifiedAttributes=['email'],
        AdminCreateUserConfig={'AllowAdminCreateUserOnly': True},
    )['UserPool']['Id']
    pools = cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION].user_pools
    pool = pools[POOL_ID] = pools.pop(pool_id)
    pool.id = POOL_ID
    pool.arn = pool.arn.replace(pool_id, POOL_ID)


def _pool() -> 'CognitoIdpUserPool':
    return cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION].user_pools[POOL_ID]
