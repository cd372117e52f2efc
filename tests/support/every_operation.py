"""Every operation on its main paths, on a stage of the emulator; the AWS calls are recorded."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest

from app import app
from chalicelib.documents import uploads
from chalicelib.documents.downloads import Downloader
from chalicelib.sql import redshift
from emulator.sample import workflow
from emulator.server import run_in_thread
from tests.support.aws import calls, tls_server, warehouse
from tests.support.aws.calls import ACCOUNT, ApiCall
from tests.support.aws.tls_server import HOST, PUBLIC_ADDRESS
from tests.support.people.verified_calls import call

RESULTS = f'aws-middleware-local-results-{ACCOUNT}'
DOCUMENTS = f'aws-middleware-local-documents-{ACCOUNT}'
SECRET = f'arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:aws-middleware-local/redshift-a1b2c3'
SETTINGS = {
    'REDSHIFT_WORKGROUP_NAME': 'shop',
    'REDSHIFT_DATABASE': 'dev',
    'RESULTS_BUCKET_NAME': RESULTS,
    'DOCUMENTS_BUCKET_NAME': DOCUMENTS,
    'RECORDS_TABLE_NAME': 'aws-middleware-local-records',
    'WORKFLOW_STATE_MACHINE_ARN': (
        f'arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:aws-middleware-local-workflow'
    ),
}
SOMEBODY_ELSES = 'uploads/somebody-else/b.txt'


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
    """Query, and get a result of several pages in two calls."""
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
    keys = {document['key'] for document in ask('GET', '/documents')['documents']}
    assert {'a.html', 'a.txt'} <= keys
    assert SOMEBODY_ELSES not in keys


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


def recorded(settings: Mapping[str, str]) -> list[ApiCall]:
    """Return the AWS calls of every scenario, with settings of a stage; an empty one is not set."""
    with run_in_thread() as emulator, pytest.MonkeyPatch.context() as patch:
        patch.setenv('AWS_ENDPOINT_URL', emulator.url)
        for name, value in settings.items():
            patch.setenv(name, value)
        create_resources(settings.get('DOCUMENTS_PREFIX', ''))
        with calls.recorded() as made:
            for scenario in SCENARIOS.values():
                scenario()
    return made


def create_resources(documents_prefix: str) -> None:
    """Create what a stage has, under the names that its policy goes by."""
    s3, dynamodb = boto3.client('s3'), boto3.client('dynamodb')
    for bucket in (RESULTS, DOCUMENTS):
        s3.create_bucket(Bucket=bucket)
    for key in ('a.html', 'a.txt', SOMEBODY_ELSES):
        s3.put_object(Bucket=DOCUMENTS, Key=documents_prefix + key, Body=b'text')
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
        name='aws-middleware-local-workflow',
        definition=json.dumps(workflow.DEFINITION),
        roleArn=f'arn:aws:iam::{ACCOUNT}:role/workflow',
    )
