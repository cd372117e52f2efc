"""Generators of clients and test tools take the whole document, and what they make of it works."""

import ast
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import app as project
from chalicelib.operations.routes import operation_routes
from openapi_export import as_yaml
from openapi_full import document as full
from tests.openapi.test_full import INFO, SIGN_IN, URL
from tests.support import openapi_tools
from tests.support.people.verified_calls import call


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The whole document of the project, as a file."""
    file = tmp_path / 'openapi.yaml'
    file.write_text(as_yaml(full.build(INFO, URL, operation_routes(project.app), *SIGN_IN)))
    return file


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The project's API as somebody signed in meets it, with nothing behind it set up."""
    for name in (
        *('RECORDS_TABLE_NAME', 'WORKFLOW_STATE_MACHINE_ARN', 'DOCUMENTS_BUCKET_NAME'),
        *('REDSHIFT_DATABASE', 'REDSHIFT_WORKGROUP_NAME', 'RESULTS_BUCKET_NAME'),
    ):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(('127.0.0.1', 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Hands each call to the app as Jane's."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        kind = self.headers.get('Content-Type') or 'application/json'
        answer = call(project.app, self.command, self.path, body=body, content_type=kind)
        self.send_response(answer.status_code)
        # API Gateway says so of an answer that has no type.
        for name, value in {'Content-Type': 'application/json', **answer.headers}.items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_redocly_has_no_error(document: Path) -> None:
    assert openapi_tools.redocly(document) == []


def test_spectral_has_no_error(document: Path) -> None:
    assert openapi_tools.spectral(document) == []


def test_validators_do_find_errors(document: Path) -> None:
    text = document.read_text()
    document.write_text(text.replace('operationId: findRecords', 'operationId: postSuccess'))

    assert openapi_tools.redocly(document)
    assert openapi_tools.spectral(document)


def test_types_for_typescript_have_errors_and_null(document: Path) -> None:
    types = openapi_tools.openapi_typescript(document)

    assert 'Code: "InvalidCursor" | "InvalidRequest" | "QueryFailed" | "StatementRefused";' in types
    assert 'output_json: string | null;' in types
    assert 'findRecords: operations["findRecords"]' not in types
    assert 'get: operations["findRecords"];' in types


def test_client_for_python_keeps_error_messages(document: Path) -> None:
    client = openapi_tools.openapi_python_client(document)
    find = (client / 'api' / 'default' / 'find_records.py').read_text()
    errors = ast.parse((client / 'models' / 'error_404.py').read_text())

    assert all(f'Error{status}.from_dict' in find for status in (400, 401, 404, 429, 503))
    assert 'message: str' in ast.unparse(errors)


def test_schemathesis_finds_the_app_to_answer_as_the_document_says(
    document: Path, api: str
) -> None:
    said = openapi_tools.schemathesis(
        document,
        api,
        *('--phases', 'examples,fuzzing', '--max-examples', '5', '--seed', '1'),
        *('--checks', 'status_code_conformance,content_type_conformance'),
        *('--checks', 'response_schema_conformance', '--workers', '1', '--no-color'),
        # Nothing behind the API is set up: most operations say so.
        *('--warnings', 'off', '--generation-database', 'none'),
    )

    assert f'{len(operation_routes(project.app))} passed' in said
