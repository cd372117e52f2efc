"""People at browsers, and the apps they sign in to, against an emulator of their own."""

import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import boto3
import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
from requests.auth import HTTPBasicAuth

from emulator.sample.data import POOL_ID, REGION
from emulator.server import Emulator, run_in_thread

CALLBACK = 'https://app.example/callback?from=cognito'
PASSWORD = 'CorrectHorse1!'
VERIFIER = 'a-verifier-that-is-long-enough-to-be-taken-as-one'
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b'=').decode()
PKCE = {'code_challenge': CHALLENGE, 'code_challenge_method': 'S256'}


class MovableClock:
    """The time, and as much later as a test wants it to be."""

    seconds = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return time.time() + self.seconds


class App:
    """An app that signs people in: what it asks for, and its calls of the token endpoint."""

    def __init__(self, emulator: Emulator, client: Any) -> None:
        self.url = emulator.url
        self.id: str = client['ClientId']
        self.pool_id: str = client['UserPoolId']
        self.secret: str | None = client.get('ClientSecret')
        self.asks = {
            'response_type': 'code',
            'client_id': self.id,
            'redirect_uri': CALLBACK,
            'scope': 'openid email',
            'state': 'the-state',
        }

    @property
    def auth(self) -> HTTPBasicAuth | None:
        """The client's credentials, for a Basic header."""
        if self.secret is None:
            return None
        return HTTPBasicAuth(self.id.encode(), self.secret.encode())

    def token(self, **form: Any) -> requests.Response:
        """Call the token endpoint, with the Basic header of a client that has a secret."""
        sent = form if self.auth else {'client_id': self.id, **form}
        return requests.post(f'{self.url}/oauth2/token', sent, auth=self.auth, timeout=10)

    def exchange(self, code: str, /, **changes: Any) -> requests.Response:
        """Exchange a code; a parameter that is changed to None is left out."""
        form = {'grant_type': 'authorization_code', 'code': code, 'redirect_uri': CALLBACK}
        return self.token(**{**form, **changes})

    def refresh(self, refresh_token: str, **changes: Any) -> requests.Response:
        """Use a refresh token."""
        return self.token(grant_type='refresh_token', refresh_token=refresh_token, **changes)

    def revoke(self, token: str | None) -> requests.Response:
        """Revoke a refresh token."""
        form = {'token': token} if self.auth else {'token': token, 'client_id': self.id}
        return requests.post(f'{self.url}/oauth2/revoke', form, auth=self.auth, timeout=10)

    def user_info(self, access_token: str) -> requests.Response:
        """Ask who the person is."""
        headers = {'Authorization': f'Bearer {access_token}'}
        return requests.get(f'{self.url}/oauth2/userInfo', headers=headers, timeout=10)


class Browser(requests.Session):
    """A person's browser: it keeps cookies, and stops at every redirect."""

    def open(self, app: App, path: str = '/oauth2/authorize', **changes: Any) -> requests.Response:
        """Open a page with what the app asks for; what is changed to None is left out."""
        asked = {**app.asks, **changes}
        return self.get(f'{app.url}{path}', params=asked, allow_redirects=False, timeout=10)

    def submit(self, page: requests.Response, **fields: str) -> requests.Response:
        """Fill in the form of a page and submit it."""
        csrf = re.search(r'name="_csrf" value="([^"]*)"', page.text)
        assert csrf, page.text
        form = {'_csrf': csrf[1]} | fields
        return self.post(page.url, form, allow_redirects=False, timeout=10)

    def log_in(self, app: App, name: str, password: str, **changes: Any) -> requests.Response:
        """Open the sign-in page and submit name and password."""
        return self.submit(self.open(app, '/login', **changes), username=name, password=password)


class Cognito:
    """A running emulator, an administrator's client of it, and its clock."""

    def __init__(self, emulator: Emulator, clock: MovableClock) -> None:
        self.emulator = emulator
        self.url = emulator.url
        self.clock = clock
        self.api: CognitoIdentityProviderClient = boto3.client(
            'cognito-idp', region_name=REGION, endpoint_url=emulator.url
        )

    def add_app(self, pool_id: str = POOL_ID, **settings: Any) -> App:
        """Create an app client for the code flow."""
        defaults: dict[str, Any] = {
            'ClientName': 'The App',
            'GenerateSecret': True,
            'AllowedOAuthFlowsUserPoolClient': True,
            'AllowedOAuthFlows': ['code'],
            'AllowedOAuthScopes': ['openid', 'email', 'profile'],
            'CallbackURLs': [CALLBACK],
        }
        created = self.api.create_user_pool_client(UserPoolId=pool_id, **(defaults | settings))
        return App(self.emulator, created['UserPoolClient'])

    def add_person(self, pool_id: str = POOL_ID, **attributes: str) -> str:
        """Create a person with a password of their own; return their e-mail address."""
        email = f'{uuid4()}@example.com'
        sent = {'email_verified': 'true'} | attributes
        self.api.admin_create_user(
            UserPoolId=pool_id,
            Username=email,
            UserAttributes=[{'Name': name, 'Value': value} for name, value in sent.items()],
            MessageAction='SUPPRESS',
        )
        self.api.admin_set_user_password(
            UserPoolId=pool_id, Username=email, Password=PASSWORD, Permanent=True
        )
        return email

    def sign_in(self, app: App, name: str | None = None, **changes: Any) -> str:
        """Sign a person in, a new one if none is named; return the code that the app gets."""
        name = name or self.add_person(app.pool_id)
        return parameters(Browser().log_in(app, name, PASSWORD, **changes))['code']

    def tokens(self, app: App, name: str | None = None, **changes: Any) -> dict[str, Any]:
        """Sign a person in; return the tokens that the app gets."""
        answer: dict[str, Any] = app.exchange(self.sign_in(app, name, **changes)).json()
        return answer

    def verify(self, token: str, pool_id: str = POOL_ID) -> jwt.Token:
        """Return a token whose signature is by one of the keys that the pool publishes."""
        keys = requests.get(f'{self.url}/{pool_id}/.well-known/jwks.json', timeout=10).json()
        return jwt.decode(token, KeySet.import_key_set(keys))


@contextmanager
def running() -> Iterator[Cognito]:
    """Run an emulator whose clock can be moved on."""
    clock = MovableClock()
    with run_in_thread(clock=clock) as emulator:
        yield Cognito(emulator, clock)


def parameters(response: requests.Response) -> dict[str, str]:
    """Return the parameters of where a redirect leads."""
    assert response.status_code == 302, (response.status_code, response.text)
    return dict(parse_qsl(urlsplit(response.headers['Location']).query))
