"""The one line of each call: what it holds, and what it never does."""

import json
from typing import Any

import pytest

from app import app
from tests.support import example_app
from tests.support.people.verified_calls import JANE, call, invoke, token_with


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the log lines written so far."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_line_is_log_and_metrics_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    invoke(app, JANE)
    (line,) = lines(capsys)

    embedded = line.pop('_aws')
    measured = {
        name: line.pop(name) for name in ('Duration', 'cold_start', 'request_id', 'function')
    }
    assert line == {
        'level': 'INFO',
        'operation': 'postSuccess',
        'gateway_request_id': 'gateway-request',
        'sub': JANE['sub'],
        'status': 200,
        'error': None,
        'Calls': 1,
        'ClientErrors': 0,
        'ServerErrors': 0,
    }
    assert measured['Duration'] > 0
    assert embedded['Timestamp'] > 1_700_000_000_000
    assert embedded['CloudWatchMetrics'] == [
        {
            'Namespace': 'Middleware',
            'Dimensions': [['function', 'operation']],
            'Metrics': [
                {'Name': 'Calls', 'Unit': 'Count'},
                {'Name': 'ClientErrors', 'Unit': 'Count'},
                {'Name': 'ServerErrors', 'Unit': 'Count'},
                {'Name': 'Duration', 'Unit': 'Milliseconds'},
            ],
        }
    ]


def test_only_the_first_call_of_a_process_is_cold(capsys: pytest.CaptureFixture[str]) -> None:
    invoke(app, JANE)
    invoke(app, JANE)

    assert lines(capsys)[1]['cold_start'] is False


@pytest.mark.parametrize(
    ('method', 'path', 'expected'),
    [
        ('POST', '/admin', ('administer', 403, 'GroupRequired', 1, 0, 'INFO')),
        ('POST', '/notes', ('addNote', 400, 'InvalidRequest', 1, 0, 'INFO')),
        ('PUT', '/notes', ('PUT /notes', 405, 'MethodNotAllowedError', 1, 0, 'INFO')),
        ('POST', '/unset', ('needSetting', 503, 'MissingSetting', 0, 1, 'ERROR')),
    ],
)
def test_failure_is_counted_by_whose_it_is(
    capsys: pytest.CaptureFixture[str], method: str, path: str, expected: tuple[object, ...]
) -> None:
    call(example_app.app, method, path)
    (line,) = lines(capsys)

    members = ('operation', 'status', 'error', 'ClientErrors', 'ServerErrors', 'level')
    assert tuple(line[name] for name in members) == expected


def test_refused_content_type_is_logged_with_its_operation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call(example_app.app, 'POST', '/notes', content_type='text/plain')
    (line,) = lines(capsys)

    assert (line['operation'], line['status'], line['sub']) == ('addNote', 415, None)


def test_unknown_failure_is_reported_by_type_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    call(example_app.app, 'POST', '/broken')
    failure, line = lines(capsys)

    assert (line['operation'], line['status'], line['ServerErrors']) == ('breakDown', 500, 1)
    assert (failure['level'], failure['error']) == ('ERROR', 'LookupError')
    assert 'example_app.py' in failure['places'][-1]
    assert failure['places'][-1].endswith(' break_down')


def test_nothing_that_was_sent_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    secret = 'hunter2'
    token = token_with({**JANE, 'email': f'{secret}@example.com'})
    claims: dict[str, object] = {'email': f'{secret}@example.com', 'name': secret}

    invoke(app, JANE | {'email': f'{secret}@example.com'}, token=token)
    for method, path, body in [
        ('POST', '/notes', f'{{"title": "{secret}"}}'),
        ('POST', '/notes', f'{{"title": "Tea", "{secret}": 1}}'),
        ('POST', '/notes', secret),
        ('GET', f'/notes/{secret}?limit={secret}', ''),
        ('POST', '/broken', f'["{secret}"]'),
    ]:
        call(example_app.app, method, path, claims=claims, body=body.encode())

    written = capsys.readouterr()
    assert len(written.out.splitlines()) == 7
    assert secret not in written.out + written.err
    assert 'secret-in-the-message' not in written.out + written.err
    assert 'eyJ' not in written.out + written.err
