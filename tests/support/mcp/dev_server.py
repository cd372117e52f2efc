"""`make dev` with an app client for MCP, and people who sign in to it as a browser does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from uuid import uuid4

import anyio
import boto3
import requests
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from emulator.sample.data import MCP_CLIENT_NAME, POOL_ID, REGION, TEMPORARY_PASSWORD
from ops.app_clients import app_client
from tests.support.dev_process import banner, emulator, free_ports
from tests.support.people.signing_in import Browser, parameters

CALLBACK = 'http://localhost:8765/callback'
PASSWORD = 'Their-own-1'


@dataclass(frozen=True)
class Dev:
    """Where everything is, the app client that MCP clients sign people in through, and somebody."""

    aws_url: str
    mcp_url: str
    cognito: CognitoIdentityProviderClient
    client_id: str
    client_secret: str
    email: str

    def with_newcomer(self) -> 'Dev':
        """Return the same with somebody new, who has a temporary password."""
        email = f'{uuid4()}@example.com'
        self.cognito.admin_create_user(
            UserPoolId=POOL_ID,
            Username=email,
            UserAttributes=[
                {'Name': 'email', 'Value': email},
                {'Name': 'email_verified', 'Value': 'true'},
            ],
            TemporaryPassword=TEMPORARY_PASSWORD,
            MessageAction='SUPPRESS',
        )
        return replace(self, email=email)

    def with_somebody(self) -> 'Dev':
        """Return the same with somebody new, who has a password of their own."""
        dev = self.with_newcomer()
        self.cognito.admin_set_user_password(
            UserPoolId=POOL_ID, Username=dev.email, Password=PASSWORD, Permanent=True
        )
        return dev

    def sign_in(self, authorization_url: str) -> dict[str, str]:
        """Sign in on the page that an app sends the person to; return what the app gets."""
        return parameters(self.sign_in_page(authorization_url))

    def sign_in_page(self, authorization_url: str) -> requests.Response:
        """Sign in on that page; return the redirect to the app."""
        browser = Browser()
        page = browser.get(authorization_url, timeout=10)
        return browser.submit(page, username=self.email, password=PASSWORD)

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
    """Run `make dev`. Where tests share it, each takes ``with_somebody()`` of it."""
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
        listed = cognito.list_user_pool_clients(UserPoolId=POOL_ID)['UserPoolClients']
        (client_id,) = (c['ClientId'] for c in listed if c['ClientName'] == MCP_CLIENT_NAME)
        client = cognito.describe_user_pool_client(UserPoolId=POOL_ID, ClientId=client_id)
        secret = client['UserPoolClient']['ClientSecret']
        dev = Dev(aws_url, f'{api_url}/mcp', cognito, client_id, secret, '')
        yield dev.with_somebody()
