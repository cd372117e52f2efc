"""The function's policy against the calls that it makes: nothing is missing, nothing is unused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from app import app
from chalicelib import redshift, uploads
from chalicelib.downloads import Downloader
from chalicelib.routes import operation_routes
from emulator import sample_workflow
from emulator.server import run_in_thread
from tests import aws_calls, iam_policy, tls_server, warehouse
from tests.aws_calls import ApiCall, Permission
from tests.tls_server import HOST, PUBLIC_ADDRESS
from tests.verified_calls import call

ROOT = Path(__file__).parent.parent
POLICY: dict[str, Any] = json.loads((ROOT / '.chalice' / 'policy-dev.json').read_text())
RESULTS = f'aws-middleware-dev-results-{aws_calls.ACCOUNT}'
DOCUMENTS = f'aws-middleware-dev-documents-{aws_calls.ACCOUNT}'
SETTINGS = {
    'REDSHIFT_WORKGROUP_NAME': 'shop',
    'REDSHIFT_DATABASE': 'dev',
    'RESULTS_BUCKET_NAME': RESULTS,
    'DOCUMENTS_BUCKET_NAME': DOCUMENTS,
    'RECORDS_TABLE_NAME': 'aws-middleware-dev-records',
    'WORKFLOW_STATE_MACHINE_ARN': (
        f'arn:aws:states:us-east-1:{aws_calls.ACCOUNT}:stateMachine:aws-middleware-dev-workflow'
    ),
}
SECRET = f'arn:aws:secretsmanager:us-east-1:{aws_calls.ACCOUNT}:secret:aws-middleware-dev/db-a1b2c3'
CLUSTER = {'REDSHIFT_WORKGROUP_NAME': '', 'REDSHIFT_CLUSTER_IDENTIFIER': 'shop'}
SIGN_INS = [
    {},
    {'REDSHIFT_SECRET_ARN': SECRET},
    CLUSTER,
    CLUSTER | {'REDSHIFT_DB_USER': 'gpt_reader'},
    CLUSTER | {'REDSHIFT_SECRET_ARN': SECRET},
]
NOT_BY_CALLS_OF_OURS = {
    'WriteItsOwnLog': 'Lambda writes what the function prints.',
    'SendTraces': 'Lambda traces the function, with "xray": true in .chalice/config.json.',
}


def ask(method: str, path: str, body: object = None, status: int = 200) -> dict[str, Any]:
    """Call an operation as Jane and return its answer."""
    response = call(app, method, path, body=b'' if body is None else json.dumps(body).encode())
    assert response.status_code == status, response.json_body
    answer: dict[str, Any] = response.json_body
    return answer


def to_succeed() -> None:
    """Take the way here."""
    ask('POST', '/my_route')


def to_list_tables() -> None:
    """List tables."""
    ask('GET', '/tables?schema=shop')


def to_query() -> None:
    """Query as whoever the settings name, and get a result of several pages in two calls."""
    for sign_in in SIGN_INS:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in sign_in.items():
                patch.setenv(name, value)
            assert execute('SELECT 1')['status'] == 'finished'
    interrupted = warehouse.failing(
        redshift.Redshift.of_settings(), 'GetStatementResultV2', 'ThrottlingException', after=1
    )
    with interrupted:
        begun = execute("SELECT order_id, REPEAT('x', 1000) FROM shop.order_lines")
    assert begun['status'] == 'running'
    assert ask('GET', f'/sql_statement/{begun["statement_id"]}')['status'] == 'finished'


def execute(sql: str) -> dict[str, Any]:
    """Execute a statement."""
    return ask('POST', '/sql_statement', {'sql_statement': sql})


def to_go_on_with_nothing() -> None:
    """Go on with a statement that nobody has begun."""
    ask('GET', '/sql_statement/3b0c8a8e-6b7e-4d55-9a59-0a6f3a1f3c11', status=404)


def to_find_records() -> None:
    """Find records, in pages."""
    page = ask('GET', '/records?key=CUSTOMER%231&limit=1')
    ask('GET', f'/records?key=CUSTOMER%231&limit=1&cursor={page["cursor"]}')
    ask('GET', '/records?key=nobody', status=404)


def to_list_documents() -> None:
    """List documents, those of somebody else passed over."""
    assert len(ask('GET', '/documents')['documents']) == 2


def to_read_documents() -> None:
    """Read documents by range and as a whole, and one that is not there."""
    ask('GET', '/documents/text?key=a.txt')
    ask('GET', '/documents/text?key=a.html')
    ask('GET', '/documents/text?key=missing', status=404)


def to_get_files() -> None:
    """Get files."""
    ask('POST', '/documents/files', {'keys': ['a.txt', 'missing']})


def to_save_documents() -> None:
    """Save a file of the conversation, and read it."""
    answer_with = b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext'
    link = f'https://{HOST}/report'
    with (
        tls_server.running(lambda connection, _: connection.sendall(answer_with)) as host,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(
            uploads,
            'downloader',
            lambda: Downloader(
                {HOST}, resolve=lambda _: [PUBLIC_ADDRESS], connect=host.connect, tls=host.trusting
            ),
        )
        (saved,) = ask('POST', '/documents', {'openaiFileIdRefs': [link]})['saved']
    ask('GET', f'/documents/text?key={saved["key"]}')


def to_start_workflows() -> None:
    """Start a workflow, and once more under the same request_id."""
    for _ in range(2):
        ask('POST', '/workflows', {'input_json': '{"quantity": 2}', 'request_id': 'order 7'})


def to_follow_workflows() -> None:
    """Follow a workflow."""
    started = ask('POST', '/workflows', {'input_json': '{"quantity": 2}'})
    ask('GET', f'/workflows/{started["execution_id"]}')


SCENARIOS: dict[str, Callable[[], None]] = {
    'postSuccess': to_succeed,
    'listTables': to_list_tables,
    'executeSqlStatement': to_query,
    'getSqlStatement': to_go_on_with_nothing,
    'findRecords': to_find_records,
    'listDocuments': to_list_documents,
    'readDocument': to_read_documents,
    'getDocumentFiles': to_get_files,
    'saveDocuments': to_save_documents,
    'startWorkflow': to_start_workflows,
    'getWorkflow': to_follow_workflows,
}


@pytest.fixture(scope='module')
def calls() -> Iterator[list[ApiCall]]:
    """Return the AWS calls of every scenario, made by the app on a stage of the emulator."""
    with run_in_thread() as emulator, pytest.MonkeyPatch.context() as patch:
        patch.setenv('AWS_ENDPOINT_URL', emulator.url)
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        create_resources()
        with aws_calls.recorded() as made:
            for scenario in SCENARIOS.values():
                scenario()
        yield made


def create_resources() -> None:
    """Create what a stage has, under the names that its policy goes by."""
    s3, dynamodb = boto3.client('s3'), boto3.client('dynamodb')
    for bucket in (RESULTS, DOCUMENTS):
        s3.create_bucket(Bucket=bucket)
    for key in ('a.html', 'a.txt', 'uploads/somebody-else/b.txt'):
        s3.put_object(Bucket=DOCUMENTS, Key=key, Body=b'text')
    dynamodb.create_table(
        TableName=SETTINGS['RECORDS_TABLE_NAME'],
        BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[
            {'AttributeName': name, 'AttributeType': 'S'} for name in ('owner', 'item')
        ],
        KeySchema=[
            {'AttributeName': 'owner', 'KeyType': 'HASH'},
            {'AttributeName': 'item', 'KeyType': 'RANGE'},
        ],
    )
    for number in range(3):
        item = {'owner': {'S': 'CUSTOMER#1'}, 'item': {'S': f'ORDER#{number}'}}
        dynamodb.put_item(TableName=SETTINGS['RECORDS_TABLE_NAME'], Item=item)
    boto3.client('stepfunctions').create_state_machine(
        name='aws-middleware-dev-workflow',
        definition=json.dumps(sample_workflow.DEFINITION),
        roleArn=f'arn:aws:iam::{aws_calls.ACCOUNT}:role/workflow',
    )


@pytest.fixture(scope='module')
def asked(calls: list[ApiCall]) -> set[Permission]:
    """Return what IAM is asked for all these calls."""
    return {permission for made in calls for permission in aws_calls.permissions(made)}


def test_every_operation_has_its_scenario() -> None:
    assert set(SCENARIOS) == {route.operation.id for route in operation_routes(app)}


def test_nothing_is_missing(asked: set[Permission]) -> None:
    assert refused(POLICY, asked) == set()


def test_nothing_is_unused(asked: set[Permission]) -> None:
    """Whatever is taken away from the policy, some call is refused that was not before."""
    smaller = list(iam_policy.smaller(POLICY))
    unused = {
        (statement, part)
        for statement, part, left in smaller
        if refused(left, asked) == refused(POLICY, asked)
    }

    assert unused == {
        (statement, part) for statement, part, _ in smaller if statement in NOT_BY_CALLS_OF_OURS
    }


def refused(policy: dict[str, Any], asked: set[Permission]) -> set[Permission]:
    """Return what a policy does not allow."""
    return {permission for permission in asked if not iam_policy.allows(policy, permission)}


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('s3:GetObject', f'arn:aws:s3:::{RESULTS}/other/1.csv'),
        ('s3:GetObject', f'arn:aws:s3:::{RESULTS.replace("dev", "prod")}/sql/jane/1/1.csv'),
        ('s3:GetObjectVersion', f'arn:aws:s3:::{DOCUMENTS}/a.txt'),
        ('s3:PutObject', f'arn:aws:s3:::{DOCUMENTS}/a.txt'),
        ('s3:DeleteObject', f'arn:aws:s3:::{DOCUMENTS}/uploads/jane/a.txt'),
        ('s3:ListBucket', 'arn:aws:s3:::another-bucket'),
        ('dynamodb:Scan', 'arn:aws:dynamodb:us-east-1:1:table/aws-middleware-dev-records'),
        ('dynamodb:Query', 'arn:aws:dynamodb:us-east-1:1:table/another'),
        ('states:StartExecution', 'arn:aws:states:us-east-1:1:stateMachine:another'),
        (
            'states:StopExecution',
            'arn:aws:states:us-east-1:1:execution:aws-middleware-dev-workflow:1',
        ),
        ('secretsmanager:GetSecretValue', SECRET.replace('dev', 'prod')),
        ('redshift:GetClusterCredentials', 'arn:aws:redshift:us-east-1:1:dbuser:shop/admin'),
        ('redshift-data:BatchExecuteStatement', 'arn:aws:redshift:us-east-1:1:cluster:shop'),
        (
            'logs:CreateLogGroup',
            'arn:aws:logs:us-east-1:1:log-group:/aws/lambda/aws-middleware-dev:',
        ),
        ('iam:PassRole', 'arn:aws:iam::1:role/any'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(POLICY, Permission(action, resource))


@pytest.mark.parametrize(('owner', 'allowed'), [('AROA:function', True), ('AROA:other', False)])
def test_statements_of_another_role_stay_its_own(owner: str, *, allowed: bool) -> None:
    circumstances = {
        'aws:userid': 'AROA:function',
        'redshift-data:statement-owner-iam-userid': owner,
    }
    asked = Permission('redshift-data:GetStatementResult', '*', circumstances)

    assert iam_policy.allows(POLICY, asked) is allowed


@pytest.mark.parametrize(
    ('pattern', 'arn', 'allowed'),
    [
        ('*', 'arn:aws:s3:::bucket', True),
        ('arn:*:s3:::bucket', 'arn:aws-cn:s3:::bucket', True),
        ('arn:*:s3:::bucket', 'arn:aws:s3:::bucket/key', False),
        ('arn:*:s3:::bucket/*', 'arn:aws:s3:::bucket/a/b:c\nd', True),
        ('arn:*:s3:::b?cket', 'arn:aws:s3:::bucket', True),
        ('arn:*:s3:::b.cket', 'arn:aws:s3:::bucket', False),
        ('arn:*:s3:::Bucket', 'arn:aws:s3:::bucket', False),
        ('arn:*:states:*:1:stateMachine:a', 'arn:aws:states:x:2:stateMachine:a', False),
        ('arn:*:a', 'arn:aws:states:x:2:stateMachine:a', False),
    ],
)
def test_resources_match_as_they_do_in_iam(pattern: str, arn: str, *, allowed: bool) -> None:
    statement = {'Effect': 'Allow', 'Action': 'a:B', 'Resource': pattern}

    assert iam_policy.allows({'Statement': [statement]}, Permission('A:b', arn)) is allowed
