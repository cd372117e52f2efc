"""Each of ChatGPT's limits, broken by an API that misbehaves, and told by `ops try`."""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from click.testing import Result
from werkzeug.wrappers import Request, Response

from emulator.server import Emulator
from ops.trying import try_operation
from ops.trying.kept_token import KeptToken
from ops.trying.limits import Limits
from tests.support.raw_http import serving
from tests.support.stages.ops_commands import local_stage, ops

CSV = {'Content-Type': 'text/csv', 'Content-Disposition': 'attachment; filename="rows.csv"'}
MEGABYTE = 1_000_000


class Api:
    """An API at ``url`` that answers as a test wants, and keeps the requests that it got."""

    def __init__(self) -> None:
        self.url = ''
        self.answers: dict[str, Response] = {}
        self.requests: list[Request] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Any:
        request = Request(environ)
        request.get_data()
        self.requests.append(request)
        return self.answers.get(request.path, Response(status=404))(environ, start)

    def answer(self, body: Any, **how: Any) -> None:
        """Answer postSuccess with this; other than text as JSON."""
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        self.answers['/my_route'] = Response(text, **{'content_type': 'application/json', **how})

    def serve_file(self, path: str, content: bytes, headers: dict[str, str], **how: Any) -> str:
        """Serve a file and return its URL."""
        response = Response(content, **how)
        response.headers.clear()
        response.headers.update(headers)
        self.answers[path] = response
        return self.url + path


@pytest.fixture(scope='module')
def emulator() -> Iterator[Emulator]:
    with local_stage() as emulator:
        yield emulator


@pytest.fixture
def api(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The API of a person who is signed in already."""
    monkeypatch.setattr(try_operation, 'KEPT_TOKENS', tmp_path / 'tokens')
    kept = KeptToken(tmp_path / 'tokens' / 'local.json', emulator.client_id)
    kept.save({'access_token': 'the-token', 'expires_at': time.time() + 3600})
    api = Api()
    with serving(api) as url:
        api.url = url.replace('127.0.0.1', 'localhost')
        yield api


@pytest.fixture
def call(api: Api, tmp_path: Path) -> Callable[..., Result]:
    """Call postSuccess, saving files under the test's own folder."""

    def call(*options: str) -> Result:
        folder = str(tmp_path / 'files')
        return ops(
            *('try', 'postSuccess', '--url', api.url, '--yes', '--output-dir', folder), *options
        )

    return call


def broken(result: Result) -> str:
    """Return which limit was broken."""
    assert result.exit_code == 1
    return result.stderr.splitlines()[-1].removeprefix('Error: ChatGPT would not take this: ')


def test_answer_is_printed_and_the_token_sent(api: Api, call: Callable[..., Result]) -> None:
    api.answer(r'{"said": "Grüße \ud800"}')

    result = call()

    assert (result.exit_code, result.stdout) == (0, '{\n  "said": "Grüße \\ud800"\n}\n')
    (request,) = api.requests
    assert request.headers['Authorization'] == 'Bearer the-token'
    assert (request.method, request.path, request.get_data()) == ('POST', '/my_route', b'')


def test_answer_may_have_fewer_characters_than_the_limit(
    api: Api, call: Callable[..., Result]
) -> None:
    api.answer(json.dumps('ü' * 99_997, ensure_ascii=False))
    assert call().exit_code == 0

    api.answer(json.dumps('ü' * 99_998, ensure_ascii=False))
    assert broken(call()) == 'The answer has 100,000 characters; fewer than 100,000 are taken.'


@pytest.mark.parametrize(
    ('body', 'how', 'said'),
    [
        (b'x' * MEGABYTE, {}, 'The answer is larger than 400,000 bytes.'),
        (b'\xff\xfe', {}, 'The answer is not text in UTF-8.'),
        (b'x', {'content_type': 'image/png'}, 'The answer is image/png; images and video are'),
        (b'x', {'content_type': 'Video/MP4'}, 'The answer is video/mp4; images and video are'),
        (b'', {'status': 302, 'headers': {'Location': '/other'}}, 'The answer is a redirect (302)'),
        (b'', {'status': 308, 'headers': {'Location': '/other'}}, 'The answer is a redirect (308)'),
        ({'openaiFileResponse': 'a'}, {}, 'openaiFileResponse is not a list.'),
        ({'openaiFileResponse': ['a'] * 11}, {}, '11 files; at most 10 are taken.'),
        ({'openaiFileResponse': [1]}, {}, 'file 1 of 1 is neither a URL nor an object'),
        ({'openaiFileResponse': ['http://example.com/a']}, {}, 'file 1 of 1 has no https URL.'),
        ({'openaiFileResponse': ['file:///etc/passwd']}, {}, 'file 1 of 1 has no https URL.'),
        ({'openaiFileResponse': ['https://[']}, {}, 'file 1 of 1 has a URL that cannot be read'),
    ],
)
def test_refuses_answer(
    api: Api, call: Callable[..., Result], body: Any, how: dict[str, Any], said: str
) -> None:
    api.answer(body, **how)

    assert broken(call()).startswith(said)
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ('body', 'printed'),
    [
        ('"\\u001b[2J\x9b2J\x7f"', r'"\u001b[2J\u009b2J\u007f"'),
        ('\x1b]0;title\x07 a\tb\rc\n', '\\u001b]0;title\\u0007 a\tb\\rc\n'),
    ],
)
def test_answer_does_not_control_the_terminal(
    api: Api, call: Callable[..., Result], body: str, printed: str
) -> None:
    api.answer(body)

    assert call().stdout == f'{printed}\n'


def test_error_is_printed_as_the_model_would_read_it(api: Api, call: Callable[..., Result]) -> None:
    api.answer({'Code': 'QueryFailed', 'Message': 'Name a table.'}, status=400)

    result = call()

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {'Code': 'QueryFailed', 'Message': 'Name a table.'}
    assert result.stderr == 'Error: postSuccess answered 400.\n'


def test_refuses_api_without_tls(call: Callable[..., Result]) -> None:
    assert broken(call('--url', 'http://api.example.com')) == 'The API has no https URL.'


def test_nothing_answers(call: Callable[..., Result]) -> None:
    result = call('--url', 'http://localhost:9')

    assert result.exit_code == 1
    assert result.stderr == 'Error: Nothing answers at http://localhost:9: start `make dev`.\n'


@pytest.mark.parametrize('slow', ['answer', 'file'])
def test_refuses_what_takes_too_long(
    api: Api, call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    limits = Limits(round_trip_seconds=1e-6 if slow == 'answer' else 45, file_seconds=1e-6)
    monkeypatch.setattr(try_operation, 'CHATGPT', limits)
    api.answer({'openaiFileResponse': [api.serve_file('/a', b'a', CSV)]})

    what = {'answer': 'The answer', 'file': 'file 1 of 1'}[slow]
    assert broken(call()) == f'{what} took longer than 1e-06 s.'


def test_refuses_what_trickles(
    api: Api, call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(try_operation, 'CHATGPT', Limits(round_trip_seconds=0.2))
    wanted = iter(lambda: b' ', b'never')
    api.answers['/my_route'] = Response(wanted, content_type='application/json')

    assert broken(call()) == 'The answer took longer than 0.2 s.'


def test_files_are_saved_and_named_as_their_headers_say(
    api: Api, call: Callable[..., Result], tmp_path: Path
) -> None:
    umlaut = CSV | {'Content-Disposition': "attachment; filename*=UTF-8''%C3%BCbersicht.csv"}
    inline = {'name': 'b.txt', 'mime_type': 'text/plain', 'content': b64encode(b'inline').decode()}
    urls = [api.serve_file('/a?signed', b'a,b\n', CSV), api.serve_file('/b', b'', umlaut)]
    api.answers['/a'] = api.answers.pop('/a?signed')
    api.answer({'openaiFileResponse': [*urls, inline]})

    result = call()

    folder = tmp_path / 'files'
    assert result.exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        'rows.csv': b'a,b\n',
        'übersicht.csv': b'',
        'b.txt': b'inline',
    }
    assert f'Saved {folder}/rows.csv' in result.stderr
    assert [r.headers.get('Authorization') for r in api.requests[1:]] == [None, None]


def test_file_may_have_ten_megabytes(api: Api, call: Callable[..., Result]) -> None:
    api.answer({'openaiFileResponse': [api.serve_file('/a', b'x' * 10 * MEGABYTE, CSV)]})
    assert call().exit_code == 0

    api.answer({'openaiFileResponse': [api.serve_file('/a', b'x' * (10 * MEGABYTE + 1), CSV)]})
    assert broken(call()) == 'file 1 of 1 is larger than 10,000,000 bytes.'


@pytest.mark.parametrize(
    ('headers', 'how', 'said'),
    [
        (CSV | {'Content-Type': 'image/png'}, {}, 'is image/png; images and video are not taken.'),
        ({'Content-Type': 'text/csv'}, {}, 'came without a file name in a Content-Disposition'),
        (CSV | {'Content-Disposition': 'attachment'}, {}, 'came without a file name'),
        ({'Content-Disposition': CSV['Content-Disposition']}, {}, 'came without a Content-Type'),
        (CSV | {'Location': '/b'}, {'status': 302}, 'is a redirect (302)'),
        (CSV, {'status': 403}, 'answered 403 at localhost'),
    ],
)
def test_refuses_file(
    api: Api,
    call: Callable[..., Result],
    tmp_path: Path,
    *,
    headers: dict[str, str],
    how: dict[str, Any],
    said: str,
) -> None:
    good = api.serve_file('/good', b'', CSV)
    api.answer({'openaiFileResponse': [good, api.serve_file('/bad', b'x', headers, **how)]})

    assert broken(call()).startswith(f'file 2 of 2 {said}')
    assert not (tmp_path / 'files').exists()


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        ({'name': ''}, 'has no name.'),
        ({'name': 7}, 'has no name.'),
        ({'mime_type': None}, 'has no mime_type.'),
        ({'mime_type': 'video/mp4'}, 'is video/mp4; images and video are not taken.'),
        ({'mime_type': 'video/\x1b[2J'}, r'is video/\u001b[2J; images and video are not taken.'),
        ({'content': None}, 'has no content.'),
        ({'content': '%%%'}, 'has content that is not base64.'),
        ({'content': 'ü'}, 'has content that is not base64.'),
        ({'content': 'AAAA' * 40}, 'is larger than 100 bytes.'),
    ],
)
def test_refuses_inline_file(
    api: Api,
    call: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    said: str,
) -> None:
    monkeypatch.setattr(try_operation, 'CHATGPT', Limits(file_bytes=100))
    file = {'name': 'a.txt', 'mime_type': 'text/plain', 'content': 'AAAA'} | changes
    api.answer({'openaiFileResponse': [file]})

    assert broken(call()).startswith(f'file 1 of 1 {said}')
