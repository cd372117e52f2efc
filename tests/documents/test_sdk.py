"""A file of the conversation saved through the official Python SDK's client."""

from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from httpx2 import AsyncClient
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from app import app
from chalicelib import observability
from chalicelib.documents import uploads
from chalicelib.documents.downloads import Downloader
from chalicelib.person import aws
from emulator.api_gateway import local_api
from emulator.sample import documents
from emulator.sample.data import EMAIL, SCOPES
from emulator.server import run_in_thread
from tests.documents.scenarios import FILE
from tests.support.aws import tls_server
from tests.support.mcp.every_tool import content
from tests.support.raw_http import serving


async def call(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool; the SDK checks what it returns against the tool's output schema."""
    result = await client.call_tool(name, arguments)
    return content(result.model_dump(mode='json', by_alias=True, exclude_none=True))


@pytest.fixture
def clients_of_its_own() -> Iterator[None]:
    """The app in this process has clients of AWS that lead to where this test is."""
    aws.forget_clients()
    yield
    aws.forget_clients()


@pytest.mark.usefixtures('clients_of_its_own')
def test_file_of_the_conversation_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    # The app in this process, where a host of conversation files can be had.
    monkeypatch.setattr(observability, '_write', lambda _: None)
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext'
    file = FILE | {'download_url': f'https://{tls_server.HOST}/notes'}

    async def main(url: str, token: str) -> list[dict[str, Any]]:
        async with (
            AsyncClient(headers={'Authorization': f'Bearer {token}'}) as http,
            Client(streamable_http_client(f'{url}/mcp', http_client=http)) as client,
        ):
            saved = await call(client, 'saveDocuments', openaiFileIdRefs=[file])
            key = saved['saved'][0]['key']
            return [saved, await call(client, 'readDocument', key=key)]

    with (
        tls_server.running(lambda connection, _: connection.sendall(answer)) as host,
        run_in_thread() as emulator,
    ):
        monkeypatch.setenv('AWS_ENDPOINT_URL', emulator.url)
        monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', documents.BUCKET)
        download = Downloader(
            {tls_server.HOST},
            resolve=lambda _: [tls_server.PUBLIC_ADDRESS],
            connect=host.connect,
            tls=host.trusting,
        )
        monkeypatch.setattr(uploads, 'downloader', lambda: download)
        token = emulator.tokens.issue_for(emulator.client_id, EMAIL, ' '.join(SCOPES))
        with serving(local_api.gateway(app)) as url:
            saved, read = anyio.run(main, url, str(token['access_token']))

    assert saved['saved'][0]['key'].endswith('notes.txt')
    assert read['text'] == 'text'
