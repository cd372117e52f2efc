"""`make dev` with an app client for MCP, and somebody who signs in to it as a browser does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import anyio
import boto3
import requests
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from emulator.sample.data import EMAIL, MCP_CLIENT_NAME, POOL_ID, REGION
from ops.app_clients import app_client
from tests.support.dev_process import banner, emulator, free_ports
from tests.support.people.signing_in import Browser, parameters

CALLBACK = 'http://localhost:8765/callback'
PASSWORD = 'Their-own-1'


@dataclass(frozen=True)
class Dev:
    """Where everything is, and the app client that MCP clients sign people in through."""

    aws_url: str
    mcp_url: str
    cognito: CognitoIdentityProviderClient
    client_id: str
    client_secret: str

    def sign_in(self, authorization_url: str) -> dict[str, str]:
        """Sign in on the page that an app sends the person to; return what the app gets."""
        return parameters(self.sign_in_page(authorization_url))

    def sign_in_page(self, authorization_url: str) -> requests.Response:
        """Sign in on that page; return the redirect to the app."""
        browser = Browser()
        page = browser.get(authorization_url, timeout=10)
        return browser.submit(page, username=EMAIL, password=PASSWORD)

    async def sign_in_later(self, authorization_url: str) -> dict[str, str]:
        """Sign in while others go on."""
        return await anyio.to_thread.run_sync(self.sign_in, authorization_url)

    def register(self, callback_url: str) -> None:
        """Register a callback URL with the app client."""
        client = app_client.find(self.cognito, POOL_ID, self.client_id)
        app_client.set_callback_urls(self.cognito, client, [*client['CallbackURLs'], callback_url])

    def access_token(self) -> str:
        """Sign in and return the access token."""
        asked = requests.Request(
            'GET',
            f'{self.aws_url}/oauth2/authorize',
            params={
                'response_type': 'code',
                'client_id': self.client_id,
                'redirect_uri': CALLBACK,
                'scope': 'openid email profile',
            },
        )
        code = self.sign_in(str(asked.prepare().url))['code']
        answer = requests.post(
            f'{self.aws_url}/oauth2/token',
            {'grant_type': 'authorization_code', 'code': code, 'redirect_uri': CALLBACK},
            auth=(self.client_id, self.client_secret),
            timeout=10,
        )
        token: str = answer.json()['access_token']
        return token


@contextmanager
def running(**settings: str) -> Iterator[Dev]:
    """Run `make dev`, where the sample person has a password of their own already."""
    ports = free_ports()
    with emulator('--api', ports=ports | settings) as process:
        banner(process)
        for pipe in (process.stdout, process.stderr):
            assert pipe
            # The logs of many requests would fill a pipe that nobody reads.
            Thread(target=pipe.read, daemon=True).start()
        aws_url, api_url = (f'http://localhost:{port}' for port in ports.values())
        session = boto3.Session('dev', 'dev', region_name=REGION)
        cognito = session.client('cognito-idp', endpoint_url=aws_url)
        cognito.admin_set_user_password(
            UserPoolId=POOL_ID, Username=EMAIL, Password=PASSWORD, Permanent=True
        )
        listed = cognito.list_user_pool_clients(UserPoolId=POOL_ID)['UserPoolClients']
        (client_id,) = (c['ClientId'] for c in listed if c['ClientName'] == MCP_CLIENT_NAME)
        client = cognito.describe_user_pool_client(UserPoolId=POOL_ID, ClientId=client_id)
        secret = client['UserPoolClient']['ClientSecret']
        yield Dev(aws_url, f'{api_url}/mcp', cognito, client_id, secret)
