"""One process on one port: moto's server, and in front of it what moto lacks."""

import logging
import os
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from unittest.mock import patch
from urllib.parse import parse_qs, quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from moto.core.config import default_user_config
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.exceptions import Forbidden
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.serving import make_server

from emulator import http_server
from emulator.api_gateway.deployed_apis import PATH as API_PATH
from emulator.api_gateway.deployed_apis import DeployedApis
from emulator.cloudformation.service import CloudFormation
from emulator.cognito import discovery, oauth
from emulator.cognito.oauth import CognitoServer
from emulator.cognito.pages import Pages
from emulator.cognito.sessions import Sessions
from emulator.cognito.tokens import TokenIssuer
from emulator.expiring import Clock
from emulator.iam.enforcement import Enforcement
from emulator.moto import patches, presigned
from emulator.redshift.endpoint import RedshiftData
from emulator.sample import data, workflow

_log = logging.getLogger(__name__)

_COGNITO_PATH = re.compile(
    r'/(oauth2/\w+|login|newPassword|logout|error|[^/]+/\.well-known/[\w.-]+)/?'
)
_SIGNED_QUERY = {'X-Amz-Signature', 'Signature'}
# A page elsewhere must not reach this server through a name of its own (DNS rebinding).
_TRUSTED_HOSTS = ['.localhost', '127.0.0.1']


@dataclass(frozen=True)
class Emulator:
    """A running emulator: where it answers, its tokens' issuer, and the sample app client's id."""

    url: str
    tokens: TokenIssuer
    client_id: str


@contextmanager
def run_in_thread(port: int = 0, clock: Clock = time.time, scale: int = 1) -> Iterator[Emulator]:
    """Run an emulator with fresh state in a thread of its own; one at a time in a process.

    Port 0 takes a free one; ``scale`` multiplies the sample shop in Redshift. Raises OSError when
    the port is taken.
    """
    redshift_data = RedshiftData(scale=scale, clock=clock)
    with socket.create_server(('127.0.0.1', port)) as listener:
        port = listener.getsockname()[1]
        issuer = TokenIssuer(f'http://localhost:{port}', clock)
        cloudformation, apis = CloudFormation(issuer.url), DeployedApis(issuer.url)
        server = make_server(
            '127.0.0.1',
            port,
            http_server.hanging_up(
                Enforcement(Dispatcher(cognito_app(issuer), redshift_data, cloudformation, apis))
            ),
            threaded=True,
            request_handler=RequestHandler,
            fd=listener.fileno(),
        )
    with closing(redshift_data), _fresh_moto(port), patches.applied(issuer), server:
        thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.05})
        thread.start()
        try:
            yield Emulator(issuer.url, issuer, data.create(issuer.url))
        finally:
            cloudformation.close()
            apis.close()
            server.shutdown()
            thread.join()


def cognito_app(issuer: TokenIssuer) -> Flask:
    """Return the app that serves what moto lacks."""
    app = Flask(__name__)
    app.config['TRUSTED_HOSTS'] = _TRUSTED_HOSTS
    app.config['MAX_CONTENT_LENGTH'] = 100_000
    server, sessions = CognitoServer(app, issuer), Sessions(issuer.clock)
    app.register_blueprint(discovery.blueprint(issuer))
    app.register_blueprint(oauth.blueprint(server, sessions))
    app.register_blueprint(Pages(server, sessions).blueprint())
    return app


class Dispatcher:
    """Hands a request to whoever serves it here: moto, but for what moto lacks."""

    def __init__(
        self,
        cognito: WSGIApplication,
        redshift_data: WSGIApplication,
        cloudformation: WSGIApplication,
        apis: WSGIApplication,
    ) -> None:
        self._cognito = cognito
        self._redshift_data = redshift_data
        self._cloudformation = cloudformation
        self._apis = apis
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._seed_workflow = cache(workflow.seed)
        self._seeding = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (WSGI)."""
        app: WSGIApplication = self._moto
        target = environ.get('HTTP_X_AMZ_TARGET', '')
        if _COGNITO_PATH.fullmatch(environ['PATH_INFO']) and not _is_signed(environ):
            app = self._cognito
        elif not _is_from_here(environ):
            app = Forbidden()
        elif API_PATH.fullmatch(environ['RAW_URI']) and not _is_signed(environ):
            app = self._apis
        elif target.startswith('RedshiftData.'):
            app = self._redshift_data
        elif target.startswith('AWSStepFunctions.'):
            # Not at the start: moto needs a second to import what executes state machines.
            with self._seeding:
                self._seed_workflow()
        elif _signed_service(environ) == 'cloudformation':
            app = self._cloudformation
        elif refused := presigned.refusal(environ):
            app = refused
        return app(environ, start_response)


class RequestHandler(MotoRequestHandler, http_server.RequestHandler):
    """Logs method, path and status of a request: nothing that is in its query, headers or body."""

    def log_request(self, code: object = '-', *_: object, **__: object) -> None:
        """Log a request that has been answered; what was no HTTP may hold anything."""
        path = getattr(self, 'path', '').partition('?')[0]
        if api := API_PATH.fullmatch(path):
            path = api[1]  # what follows may hold what belongs in no log
        path = quote(path, safe='/%')
        asked = f'{self.command} {path}' if path else 'A request that could not be read'
        if path == '/':
            # Most AWS services have no other path: which operation it is stands in a header.
            asked += quote(getattr(self, 'headers', {}).get('X-Amz-Target', ''))
        _log.info('%s %s', asked, getattr(code, 'value', code))


def _is_from_here(environ: WSGIEnvironment) -> bool:
    """Tell whether no page elsewhere asks: moto lets every page read all it has (CORS)."""
    origin = environ.get('HTTP_ORIGIN', 'http://localhost').rpartition('/')[2]
    return all(host_is_trusted(host, _TRUSTED_HOSTS) for host in (environ.get('HTTP_HOST'), origin))


def _signed_service(environ: WSGIEnvironment) -> str:
    """Return which AWS service a request is signed for, as the header says it."""
    scope = environ.get('HTTP_AUTHORIZATION', '').partition(',')[0].split('/')
    return scope[3] if len(scope) == 5 else ''


def _is_signed(environ: WSGIEnvironment) -> bool:
    """Tell whether a request is for an AWS service, by header or as a presigned URL is."""
    authorization = environ.get('HTTP_AUTHORIZATION', '')
    query = parse_qs(environ.get('QUERY_STRING', ''))
    return authorization.startswith(('AWS4-HMAC-SHA256 ', 'AWS ')) or not _SIGNED_QUERY.isdisjoint(
        query
    )


@contextmanager
def _fresh_moto(port: int) -> Iterator[None]:
    """Empty moto's backends, and let Step Functions really execute, against this very server."""
    moto_api_backend.reset()
    with (
        patch.dict(default_user_config, {'stepfunctions': {'execute_state_machine': True}}),
        patch.dict(os.environ, {'MOTO_PORT': str(port)}),
    ):
        yield
