"""The document that holds nothing back: errors, sign-in and null, as the app really answers."""

import json
from typing import Any

import pytest
from chalice.app import Chalice
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

import app as project
from chalicelib.operations.routes import operation_routes
from openapi_full import document as full
from openapi_full.raised_errors import raised_by
from tests.openapi.test_export import app as things
from tests.support import example_app
from tests.support.people.verified_calls import call

INFO = {'title': 'Things', 'description': 'Keeps things.', 'version': '1.0.0'}
URL = 'https://api.example.com/dev'
SIGN_IN = ('https://auth.example.com/oauth2/authorize', 'https://auth.example.com/oauth2/token')


def document_of(chalice_app: Chalice) -> dict[str, Any]:
    """Return the whole document of an app's operations."""
    return full.build(INFO, URL, operation_routes(chalice_app), *SIGN_IN)


DOCUMENT = document_of(project.app)
ERRORS = {
    route.operation.id: {error.__name__ for error in raised_by(route)}
    for route in operation_routes(project.app)
}
EVERYWHERE = {'InvalidRequest', 'NotSignedIn', 'MissingSetting'}


@pytest.mark.parametrize(
    'chalice_app', [things, example_app.app, project.app], ids=lambda a: a.app_name
)
def test_document_is_openapi(chalice_app: Chalice) -> None:
    OpenAPIV31SpecValidator(document_of(chalice_app)).validate()


@pytest.mark.parametrize(
    ('operation_id', 'some', 'none'),
    [
        ('postSuccess', {'RequestTooLarge'}, {'GroupRequired', 'ServiceBusy', 'NotSetUp'}),
        ('findRecords', {'RecordNotFound', 'InvalidCursor'}, {'RequestTooLarge', 'QueryFailed'}),
        ('executeSqlStatement', {'StatementRefused', 'QueryFailed', 'FileNotAllowed'}, {'NotText'}),
        ('getSqlStatement', {'StatementNotFound', 'NotPermitted'}, {'StatementRefused'}),
        ('startWorkflow', {'RequestIdReused', 'ServiceUnavailable'}, {'DocumentNotFound'}),
        ('getWorkflow', {'ExecutionNotFound', 'ServiceBusy'}, {'RequestIdReused'}),
        ('readDocument', {'PageNotFound', 'NotText', 'NotReadableInTime'}, {'NotDownloaded'}),
        ('saveDocuments', {'NotDownloaded'}, {'NotText', 'PageNotFound'}),
    ],
)
def test_errors_are_read_from_the_code(operation_id: str, some: set[str], none: set[str]) -> None:
    found = ERRORS[operation_id]

    assert EVERYWHERE | some <= found
    assert not found & none


def test_group_that_is_asked_for_may_be_lacking() -> None:
    groups = {route.operation.id: route for route in operation_routes(example_app.app)}
    lacking = {
        name for name, route in groups.items() if 'GroupRequired' in map(name_of, raised_by(route))
    }

    assert lacking == {name for name, route in groups.items() if route.operation.group}
    assert lacking


def name_of(error: type) -> str:
    """Return the name of an error."""
    return error.__name__


def test_error_responses_have_their_shape_and_codes() -> None:
    responses = DOCUMENT['paths']['/sql_statement']['post']['responses']
    schemas = DOCUMENT['components']['schemas']
    schema = responses['400']['content']['application/json']['schema']

    assert list(responses) == [
        '200',
        '400',
        '401',
        '403',
        '404',
        '413',
        '415',
        '422',
        '429',
        '500',
        '503',
        'default',
    ]
    assert responses['400']['description'].startswith('InvalidRequest: The request does not fit')
    assert 'StatementRefused: ' in responses['400']['description']
    assert schema == {'$ref': '#/components/schemas/Error400'}
    assert schemas['Error400']['required'] == ['Code', 'Message']
    assert {'InvalidRequest', 'QueryFailed'} <= set(
        schemas['Error400']['properties']['Code']['enum']
    )
    assert schemas['Error415']['properties']['Code']['enum'] == ['UnsupportedMediaType']
    assert responses['429']['content']['application/json']['schema']['anyOf'] == [
        {'$ref': '#/components/schemas/Error429'},
        {'$ref': '#/components/schemas/GatewayError'},
    ]


def test_sign_in_is_a_security_scheme_that_each_operation_names() -> None:
    ((name, scheme),) = DOCUMENT['components']['securitySchemes'].items()
    flow = scheme['flows']['authorizationCode']

    assert scheme['type'] == 'oauth2'
    assert (flow['authorizationUrl'], flow['tokenUrl']) == SIGN_IN
    assert list(flow['scopes']) == ['openid', 'email', 'profile']
    for item in DOCUMENT['paths'].values():
        for operation in item.values():
            assert operation['security'] == [{name: ['openid', 'email', 'profile']}]


def test_value_that_may_be_null_says_so() -> None:
    execution = DOCUMENT['components']['schemas']['Execution']

    assert execution['properties']['error']['type'] == ['string', 'null']
    assert execution['properties']['status']['type'] == 'string'
    assert execution['required'] == list(execution['properties'])


def test_request_forbids_what_it_does_not_know_and_requires_what_it_needs() -> None:
    body = DOCUMENT['paths']['/sql_statement']['post']['requestBody']
    reference = body['content']['application/json']['schema']['$ref']
    request = DOCUMENT['components']['schemas'][reference.rpartition('/')[2]]

    assert request['additionalProperties'] is False
    assert request['required'] == ['sql_statement']


def test_query_parameter_is_no_null() -> None:
    parameters = {
        parameter['name']: parameter
        for parameter in document_of(things)['paths']['/shelves/{shelf}/things']['get'][
            'parameters'
        ]
    }

    assert parameters['limit']['schema'] == {'type': 'integer', 'maximum': 50, 'default': 20}
    assert parameters['shelf']['in'] == 'path'


def test_body_beside_a_path_parameter_leaves_it_out() -> None:
    operation = document_of(things)['paths']['/shelves/{shelf}/things']['post']
    body = operation['requestBody']['content']['application/json']['schema']

    assert 'shelf' not in body['properties']
    assert body['required'] == ['name', 'size']
    assert body['properties']['lid']['anyOf'][-1] == {'type': 'null'}


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Return what holds an answer to a schema of the document."""
    return Draft202012Validator({**schema, 'components': DOCUMENT['components']})


@pytest.mark.parametrize(
    ('request_line', 'body', 'content_type', 'status'),
    [
        ('POST /my_route', b'', 'application/json', 200),
        ('POST /my_route', b'{', 'application/json', 400),
        ('POST /my_route', b'"' + b'x' * 100_000 + b'"', 'application/json', 413),
        ('POST /my_route', b'x', 'text/plain', 415),
        ('GET /records', b'', 'application/json', 400),
        ('GET /records?key=a', b'', 'application/json', 503),
        ('POST /sql_statement', b'{"sql_statement": 7}', 'application/json', 400),
        ('POST /sql_statement', b'{"sql_statement": "SELECT 1"}', 'application/json', 503),
        ('GET /documents?prefix=a&prefix=b', b'', 'application/json', 400),
    ],
)
def test_answer_is_as_the_document_says(
    monkeypatch: pytest.MonkeyPatch,
    request_line: str,
    body: bytes,
    content_type: str,
    status: int,
) -> None:
    for name in ('RECORDS_TABLE_NAME', 'REDSHIFT_DATABASE', 'DOCUMENTS_BUCKET_NAME'):
        monkeypatch.delenv(name, raising=False)
    method, path = request_line.split()
    answer = call(project.app, method, path, body=body, content_type=content_type)
    operation = DOCUMENT['paths'][path.partition('?')[0]][method.lower()]
    schema = operation['responses'][str(status)]['content']['application/json']['schema']

    assert answer.status_code == status
    validator(schema).validate(json.loads(answer.body))


def test_caller_who_is_not_signed_in_is_answered_as_the_document_says() -> None:
    answer = call(project.app, 'POST', '/my_route', claims={'token_use': 'id'})
    schema = DOCUMENT['paths']['/my_route']['post']['responses']['401']['content']

    assert answer.status_code == 401
    validator(schema['application/json']['schema']).validate(json.loads(answer.body))
