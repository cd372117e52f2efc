"""Documents over MCP: files come from ChatGPT only, and go out as links."""

import json
from collections.abc import Iterator

import pytest

from tests.support.mcp import local_stage
from tests.support.mcp.calls import call_tool, message, result, send
from tests.support.people import token_endpoint


@pytest.fixture(scope='module', autouse=True)
def _stage() -> Iterator[None]:
    """The settings and the data of the stage local."""
    with local_stage.running():
        yield


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

    assert local_stage.refusal(refused).startswith(
        '{"Code":"NotDownloaded","Message":"a.txt: Its link '
    )
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ('revision', 'links'), [('2025-03-26', []), ('2025-06-18', ['handbook.txt'])]
)
def test_links_to_files_are_newer_than_the_first_revision(revision: str, links: list[str]) -> None:
    asked = message(
        'tools/call', {'name': 'getDocumentFiles', 'arguments': {'keys': ['shared/handbook.txt']}}
    )

    content = send(json.dumps(asked), {'MCP-Protocol-Version': revision}).json['result']['content']

    assert [part['name'] for part in content if part['type'] == 'resource_link'] == links


TOOLS = {tool['name']: tool for tool in result('tools/list')['tools']}


def test_files_of_the_conversation_are_declared_to_chatgpt() -> None:
    tool = TOOLS['saveDocuments']
    files = tool['inputSchema']['properties']['openaiFileIdRefs']

    assert tool['_meta']['openai/fileParams'] == ['openaiFileIdRefs']
    assert (files['type'], files['minItems'], files['maxItems']) == ('array', 1, 10)
    assert list(files['items']['properties']) == [
        'download_url',
        'file_id',
        'mime_type',
        'file_name',
    ]
    assert files['items']['required'] == ['download_url', 'file_id']
    others = [tool for name, tool in TOOLS.items() if name != 'saveDocuments']
    assert not any('openai/fileParams' in tool['_meta'] for tool in others)


def test_saving_only_adds() -> None:
    annotations = TOOLS['saveDocuments']['annotations']

    assert {name: value for name, value in annotations.items() if name.endswith('Hint')} == {
        'readOnlyHint': False,
        'destructiveHint': False,
        'idempotentHint': False,
        'openWorldHint': False,
    }
