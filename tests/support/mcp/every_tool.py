"""A call of every tool that makes sense, and what must come of it, whichever client makes it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import requests

from app import app
from chalicelib.routes import operation_routes

Answers = Mapping[str, dict[str, Any]]
# The result of tools/call as it is sent.
Result = dict[str, Any]

QUERY = 'SELECT status, COUNT(*) AS orders FROM shop.orders GROUP BY status ORDER BY status'

# The arguments for each, in an order in which each finds what it needs in the answers before.
CALLS: dict[str, Callable[[Answers], dict[str, Any]]] = {
    'postSuccess': lambda _: {},
    'listTables': lambda _: {'schema': 'shop'},
    'executeSqlStatement': lambda _: {'sql_statement': QUERY},
    'getSqlStatement': lambda seen: {
        'statement_id': seen['executeSqlStatement']['statement_id'],
    },
    'findRecords': lambda _: {'key': 'CUSTOMER#1', 'prefix': 'ORDER#', 'limit': 2},
    'listDocuments': lambda _: {'prefix': 'invoices/'},
    'readDocument': lambda _: {'key': 'handbook.txt', 'page': 2},
    'getDocumentFiles': lambda _: {'keys': ['invoices/2026-001.pdf']},
    'startWorkflow': lambda _: {'input_json': '{"quantity": 2}'},
    'getWorkflow': lambda seen: {'execution_id': seen['startWorkflow']['execution_id']},
    'saveDocuments': lambda _: {'openaiFileIdRefs': [file_of_chatgpt('https://evil.example/a')]},
}


def file_of_chatgpt(url: str) -> dict[str, str]:
    """Return a file parameter as ChatGPT sends it."""
    return {'download_url': url, 'file_id': 'file-1', 'file_name': 'notes.txt'}


def content(result: Result) -> dict[str, Any]:
    """Return what a tool that worked has answered, which its text says too."""
    text = next(part['text'] for part in result['content'] if part['type'] == 'text')
    assert result['isError'] is False, text
    answer: dict[str, Any] = result['structuredContent']
    assert json.loads(text) == answer
    return answer


def files(result: Result) -> dict[str, bytes]:
    """Open the files that a tool hands over as a model's host does, without the token."""
    found = {}
    for link in (part for part in result['content'] if part['type'] == 'resource_link'):
        answer = requests.get(link['uri'], timeout=10)
        assert (answer.status_code, answer.headers['Content-Type']) == (200, link['mimeType'])
        assert link['name'] in answer.headers['Content-Disposition']
        found[link['name']] = answer.content
    return found


def check(results: Mapping[str, Result]) -> None:
    """Check what has come of every call."""
    assert set(results) == set(CALLS) == {route.operation.id for route in operation_routes(app)}
    refused = results['saveDocuments']
    answers = {name: content(result) for name, result in results.items() if result is not refused}
    assert answers['postSuccess'] == {'success': True}
    assert {table['name'] for table in answers['listTables']['tables']} >= {'orders', 'customers'}
    assert answers['executeSqlStatement']['row_count'] == 5
    assert answers['getSqlStatement']['preview'] == answers['executeSqlStatement']['preview']
    assert len(answers['findRecords']['records']) == 2
    assert answers['listDocuments']['documents'][0]['key'] == 'invoices/2026-001.pdf'
    assert (answers['readDocument']['page'], answers['readDocument']['key']) == (2, 'handbook.txt')
    assert files(results['getDocumentFiles'])['2026-001.pdf'].startswith(b'%PDF')
    for name in ('executeSqlStatement', 'getSqlStatement'):
        assert files(results[name])['result.csv'].startswith(b'status,orders\r\ncancelled,94\r\n')
    assert answers['getWorkflow']['execution_id'] == answers['startWorkflow']['execution_id']
    assert refused['isError'] is True
    assert 'no host of conversation files' in refused['content'][0]['text']
