"""A tool's result: the operation's answer twice, its files, or its error as HTTP tells it."""

import json
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct, field

from chalicelib import files, paging
from chalicelib.http_request import Request
from chalicelib.identity import authorizer
from chalicelib.mcp import file_objects
from chalicelib.operation import operation
from tests.chalicelib.test_observability import lines
from tests.support import example_app
from tests.support.aws import s3_server
from tests.support.mcp.calls import BATCHING, HOST, REVISIONS, WITH_LINKS, ask, call_tool, new_app
from tests.support.people.verified_calls import JANE, call, token_with


def refusal_in(answer: dict[str, Any]) -> dict[str, str]:
    """Return what a tool's result says of an error."""
    (content,) = answer['content']
    assert answer['isError'] is True
    assert 'structuredContent' not in answer
    error: dict[str, str] = json.loads(content['text'])
    return error


@pytest.mark.parametrize('revision', REVISIONS)
def test_answer_is_there_twice(revision: str) -> None:
    answer = call_tool('addNote', {'title': 'Tea', 'tags': ['ü']}, revision, app=example_app.app)

    said = {'said': f"{JANE['username']} Tea 3 ['ü']"}
    assert answer['structuredContent'] == said
    assert [json.loads(content['text']) for content in answer['content']] == [said]
    assert answer['isError'] is False


def test_path_and_query_parameters_are_arguments_like_others() -> None:
    sent = {'folder': 'a%2Fb', 'limit': 2, 'order': 'old'}

    answer = call_tool('findNotes', sent, app=example_app.app)

    assert answer['structuredContent'] == {'said': 'a%2Fb 2 old'}


@pytest.mark.parametrize('arguments', [None, {}, {'anything': 'at all'}])
def test_arguments_of_a_tool_that_takes_none_are_ignored(arguments: Any) -> None:
    params = {'name': 'postSuccess', 'arguments': arguments}

    assert ask('tools/call', params).json['result']['isError'] is False


@pytest.mark.parametrize('revision', REVISIONS)
@pytest.mark.parametrize(
    ('name', 'path', 'arguments'),
    [
        ('addNote', '/notes', {}),
        ('addNote', '/notes', {'title': 1}),
        ('addNote', '/notes', {'title': None}),
        ('addNote', '/notes', {'title': 'Tea', 'stars': '3'}),
        ('addNote', '/notes', {'title': 'Tea', 'stars': 10**30}),
        ('addNote', '/notes', {'title': 'Tea', 'stars': 1.5}),
        ('addNote', '/notes', {'title': 'Tea', 'stars': True}),
        ('addNote', '/notes', {'title': 'Tea', 'tags': [['a']]}),
        ('addNote', '/notes', {'title': 'Tea', 'tags': {}}),
        ('addNote', '/notes', {'title': 'Tea', 'x' * 5_000: 1}),
        ('administer', '/admin', {}),
        ('breakDown', '/broken', {}),
        ('needSetting', '/unset', {}),
    ],
)
def test_error_is_reported_as_over_http(
    name: str, path: str, arguments: dict[str, Any], revision: str
) -> None:
    over_http = call(example_app.app, 'POST', path, body=json.dumps(arguments).encode())

    assert (
        refusal_in(call_tool(name, arguments, revision, app=example_app.app)) == over_http.json_body
    )


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('addNote', (400, 'InvalidRequest', 1, 0, 'INFO')),
        ('administer', (403, 'GroupRequired', 1, 0, 'INFO')),
        ('needSetting', (503, 'MissingSetting', 0, 1, 'ERROR')),
    ],
)
def test_error_is_logged_and_counted_as_over_http(
    name: str, expected: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    call_tool(name, {'secret': 'hunter2'}, app=example_app.app)
    written = capsys.readouterr().out
    (line,) = map(json.loads, written.splitlines())

    names = ('operation', 'sub', 'status', 'error', 'ClientErrors', 'ServerErrors', 'level')
    assert tuple(line[n] for n in names) == (name, JANE['sub'], *expected)
    assert 'hunter2' not in written


def test_unforeseen_failure_is_reported_to_the_log_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = call_tool('breakDown', app=example_app.app)
    failure, line = lines(capsys)

    assert 'secret-in-the-message' not in json.dumps([answer, failure, line])
    assert (failure['error'], failure['places'][-1].split()[-1]) == ('LookupError', 'break_down')
    assert (line['operation'], line['status'], line['ServerErrors']) == ('breakDown', 500, 1)


def test_answer_is_logged_as_its_operation(capsys: pytest.CaptureFixture[str]) -> None:
    call_tool('addNote', {'title': 'hunter2'}, app=example_app.app)
    written = capsys.readouterr().out
    (line,) = map(json.loads, written.splitlines())

    assert (line['operation'], line['status'], line['error']) == ('addNote', 200, None)
    assert 'hunter2' not in written


def test_caller_who_must_sign_in_again_learns_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('COGNITO_CLIENT_IDS', 'another-app-client')

    answer = call_tool('postSuccess')

    (challenge,) = answer['_meta']['mcp/www_authenticate']
    assert challenge == (
        f'Bearer resource_metadata="https://{HOST}/dev/.well-known/oauth-protected-resource", '
        f'error="invalid_token", error_description="{refusal_in(answer)["Message"]}"'
    )
    assert refusal_in(answer)['Code'] == 'NotSignedIn'


@pytest.mark.parametrize(
    'claims', [None, {**JANE, 'token_use': 'id'}, {**JANE, 'cognito:groups': 'admins'}]
)
def test_tool_without_a_good_token_is_not_run(claims: dict[str, str] | None) -> None:
    answer = call_tool('addNote', {'title': 'Tea'}, app=example_app.app, claims=claims)

    assert refusal_in(answer)['Code'] == 'NotSignedIn'
    assert 'mcp/www_authenticate' in answer['_meta']


def test_group_that_the_token_names_is_let_in() -> None:
    claims = {**JANE, 'cognito:groups': 'admins'}
    token = token_with({**claims, 'cognito:groups': ['admins']})

    answer = call_tool('administer', app=example_app.app, claims=claims, token=token)

    assert answer['structuredContent'] == {'said': 'admins'}


class Shelf(Request):
    """What to put on it."""

    refs: Annotated[list[Any], Meta(description='Files.')] = field(
        name='openaiFileIdRefs', default_factory=list
    )


class Files(Struct):
    """Some files."""

    files: Annotated[list[Any] | None, Meta(description='URLs.')] = field(name='openaiFileResponse')


# A name that looks like what follows a name.
DISGUISED = "a.exe; filename*=UTF-8''report.pdf"

shelf = new_app('shelf')
handed_over: list[Any] = []


@shelf.route('/files', methods=['POST'], authorizer=authorizer)
@operation('getFiles')
def get_files(request: Shelf) -> Files:
    """Hands files over."""
    handed_over[:] = request.refs
    with s3_server.running() as client:
        s3_server.reset(client, 'bucket')
        stored = [
            files.StoredFile('a', 'rows.csv', 'text/csv', 1),
            files.StoredFile('b', 'Größe "1" & 2.pdf', 'application/pdf', 1),
            files.StoredFile('c', DISGUISED, 'text/plain', 1),
        ]
        return Files(files=files.urls(client, 'bucket', stored))


@shelf.route('/none', methods=['POST'], authorizer=authorizer)
@operation('getNone')
def get_none() -> Files:
    """Hands over nothing."""
    return Files(files=None)


@shelf.route('/inline', methods=['POST'], authorizer=authorizer)
@operation('getInline')
def get_inline() -> Files:
    """Hands over a file within the answer."""
    return Files(files=[files.inline('a.txt', b'1'), 'https://a.example/x'])


@pytest.mark.parametrize('revision', REVISIONS)
def test_files_are_links_where_the_revision_has_them(revision: str) -> None:
    answer = call_tool('getFiles', revision=revision, app=shelf)

    urls = answer['structuredContent']['openaiFileResponse']
    links = [
        {'type': 'resource_link', 'uri': urls[0], 'name': 'rows.csv', 'mimeType': 'text/csv'},
        {
            'type': 'resource_link',
            'uri': urls[1],
            'name': 'Größe "1" & 2.pdf',
            'mimeType': 'application/pdf',
        },
        {'type': 'resource_link', 'uri': urls[2], 'name': DISGUISED, 'mimeType': 'text/plain'},
    ]
    assert answer['content'][1:] == ([] if revision == BATCHING else links)


def test_files_that_are_no_url_or_none_at_all_make_no_link() -> None:
    assert len(call_tool('getNone', app=shelf)['content']) == 1
    assert call_tool('getInline', app=shelf)['content'][1:] == [
        {
            'type': 'resource_link',
            'uri': 'https://a.example/x',
            'name': 'file',
            'mimeType': 'application/octet-stream',
        }
    ]


def test_files_of_the_conversation_come_as_in_actions() -> None:
    file = {'download_url': 'https://a.example', 'file_id': 'file-1'}
    named = file | {'mime_type': 'text/csv', 'file_name': 'rows.csv'}

    call_tool('getFiles', {'openaiFileIdRefs': [file, named, 'file-3', 4, None]}, app=shelf)

    in_actions = {'download_link': 'https://a.example', 'id': 'file-1'}
    assert handed_over == [
        in_actions,
        in_actions | {'mime_type': 'text/csv', 'name': 'rows.csv'},
        'file-3',
        4,
        None,
    ]


@pytest.mark.parametrize('sent', [None, 'file-1', 1, {}, {'0': {}}])
def test_files_of_another_type_are_refused_as_over_http(sent: Any) -> None:
    answer = refusal_in(call_tool('getFiles', {file_objects.PARAMETER: sent}, app=shelf))

    assert answer['Code'] == 'InvalidRequest'
    assert '$.openaiFileIdRefs' in answer['Message']


class Text(Struct):
    """A text."""

    text: Annotated[str, Meta(description='The text.')]


@pytest.mark.parametrize(('character', 'bytes_at_most'), [('a', 200_000), ('"', 300_000)])
def test_largest_answer_fits_lambda(character: str, bytes_at_most: int) -> None:
    large = new_app('large')
    encoded = len(json.dumps(character)) - 2

    @large.route('/text', methods=['GET'], authorizer=authorizer)
    @operation('getText')
    def get_text() -> Text:
        """Gets a text."""
        return Text(character * (paging.MAX_ANSWER_CHARACTERS // encoded - 20))

    answer = ask('tools/call', {'name': 'getText'}, WITH_LINKS, app=large)

    assert answer.json['result']['isError'] is False
    assert len(answer.text.encode()) < bytes_at_most
