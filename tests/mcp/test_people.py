"""Two people at the MCP endpoint: neither sees what the other has begun, and no log sees either."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.server import run_in_thread
from tests.support.mcp.calls import BATCHING, call_tool, message, send
from tests.support.people import token_endpoint
from tests.support.people.verified_calls import JANE

CONFIG = json.loads((Path(__file__).parent.parent.parent / '.chalice' / 'config.json').read_text())
JOE = JANE | {'sub': '99999999-7d52-4a6e-9a57-0c1d2f3a4b5c', 'username': 'joe'}
SECRET = 'hunter2'


@pytest.fixture(scope='module', autouse=True)
def _stage() -> Iterator[None]:
    """What the local stage works with."""
    with run_in_thread() as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in CONFIG['stages']['local']['environment_variables'].items():
            patch.setenv(name, value)
        patch.setenv('AWS_ENDPOINT_URL', emulator.url)
        yield


@pytest.fixture
def begun() -> dict[str, dict[str, str]]:
    """What Jane has begun, by the tool that goes on with it."""
    query = {'sql_statement': f"SELECT '{SECRET}' AS password"}
    statement = call_tool('executeSqlStatement', query)['structuredContent']
    started = {'input_json': json.dumps({'quantity': 2, 'password': SECRET})}
    execution = call_tool('startWorkflow', started)['structuredContent']
    return {
        'getSqlStatement': {'statement_id': statement['statement_id']},
        'getWorkflow': {'execution_id': execution['execution_id']},
    }


def text(result: dict[str, Any]) -> str:
    """Return the text of a tool that failed."""
    assert result['isError'] is True
    (content,) = result['content']
    return str(content['text'])


@pytest.mark.parametrize('tool', ['getSqlStatement', 'getWorkflow'])
def test_what_somebody_else_has_begun_is_as_if_it_were_not(
    tool: str, begun: dict[str, dict[str, str]]
) -> None:
    ((name, known),) = begun[tool].items()
    unknown = {name: known[:-1] + ('0' if known[-1] != '0' else '1')}

    assert call_tool(tool, begun[tool])['isError'] is False
    assert text(call_tool(tool, begun[tool], claims=JOE)) == text(call_tool(tool, unknown))


def test_batch_is_of_one_person(begun: dict[str, dict[str, str]]) -> None:
    calls = [
        message('tools/call', {'name': tool, 'arguments': arguments}, number)
        for number, (tool, arguments) in enumerate(begun.items())
    ]

    answers = send(json.dumps(calls), {'MCP-Protocol-Version': BATCHING}, claims=JOE).json

    assert [text(answer['result']).partition('"Message"')[0] for answer in answers] == [
        '{"Code":"StatementNotFound",',
        '{"Code":"ExecutionNotFound",',
    ]


@pytest.mark.parametrize(
    'link',
    [
        '{elsewhere}/a',
        'https://{host}/a',
        'https://files.oaiusercontent.com@{host}/a',
        'https://files.oaiusercontent.com:443@{host}/a',
        'https://{host}#files.oaiusercontent.com',
        'https://localhost/a',
        'https://[::ffff:127.0.0.1]/a',
        'https://2130706433/a',
        'https://169.254.169.254/latest/meta-data/',
        'file:///etc/passwd',
        'file:///proc/self/environ',
    ],
)
@pytest.mark.parametrize('names', [['download_url'], ['download_link', 'download_url']])
def test_no_file_comes_from_where_the_model_says(link: str, names: list[str]) -> None:
    with token_endpoint.listening() as elsewhere:
        host = elsewhere.url.removeprefix('http://')
        url = link.format(elsewhere=elsewhere.url, host=host)
        file = {'file_id': 'file-1', 'file_name': 'a.txt'} | dict.fromkeys(names, url)
        refused = call_tool('saveDocuments', {'openaiFileIdRefs': [file]})

    assert text(refused).startswith('{"Code":"NotDownloaded","Message":"a.txt: Its link ')
    assert elsewhere.requests == []


def test_nothing_of_a_call_is_logged(
    capsys: pytest.CaptureFixture[str], begun: dict[str, dict[str, str]]
) -> None:
    for tool, arguments in begun.items():
        call_tool(tool, arguments)
    call_tool('executeSqlStatement', {'sql_statement': f'DROP TABLE {SECRET}'})
    call_tool('executeSqlStatement', {'sql_statement': f'SELECT {SECRET} FROM shop.orders'})
    call_tool('readDocument', {'key': SECRET})
    call_tool('findRecords', {'key': SECRET, 'cursor': SECRET})
    call_tool('startWorkflow', {'input_json': f'{{"{SECRET}": '})
    call_tool('saveDocuments', {'openaiFileIdRefs': [{'download_url': f'https://{SECRET}/'}]})

    written = capsys.readouterr()
    said = written.out + written.err
    ids = [known for arguments in begun.values() for known in arguments.values()]
    assert said.count('"operation":') == 2 + 2 + 6
    assert not [hidden for hidden in [SECRET, *ids] if hidden in said]
