"""The API of `chalice local`: a Chalice app in this process behind the emulated API Gateway."""

import json
import logging
import threading
from concurrent.futures import Future, wait
from pathlib import Path

from chalice.app import Chalice
from chalice.deploy.swagger import CFNSwaggerGenerator
from chalice.local import LambdaContext

from emulator.api_gateway import gateway_responses
from emulator.api_gateway.gateway import Gateway
from emulator.api_gateway.gateway_responses import Customisations
from emulator.api_gateway.rest_api import RestApi
from emulator.lambda_.proxy import (
    Deployment,
    Function,
    FunctionFailed,
    IntegrationTimedOut,
    to_json,
)

_log = logging.getLogger(__name__)


def gateway(
    app: Chalice,
    *,
    stage: str = 'api',
    function_timeout_seconds: float = 60,
    integration_timeout_seconds: float = 29,
) -> Gateway:
    """Return the WSGI application that serves an app as `chalice deploy` would deploy it."""
    return Gateway(
        RestApi(CFNSwaggerGenerator().generate_swagger(app)),
        _function(app, function_timeout_seconds),
        Deployment(stage),
        integration_timeout_seconds=integration_timeout_seconds,
    )


def customisations_of(project: Path, api_url: str) -> Customisations:
    """Return the gateway responses that a project has in .chalice/gateway.json, if any."""
    file = project / '.chalice' / 'gateway.json'
    if not file.exists():
        return {}
    responses = json.loads(file.read_text('utf-8')).get('responses', {})
    return gateway_responses.with_headers(
        {
            response_type: {
                name: value.replace('{api_url}', api_url) for name, value in headers.items()
            }
            for response_type, headers in responses.items()
        }
    )


def _function(app: Chalice, timeout_seconds: float) -> Function:
    def invoke(event: bytes, seconds: float) -> bytes:
        future: Future[bytes] = Future()
        context = LambdaContext(app.app_name, 512, int(timeout_seconds * 1000))

        def run() -> None:
            try:
                future.set_result(to_json(app(json.loads(event), context)))
            except BaseException as error:  # SystemExit as well: the caller waits
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        if not wait([future], min(seconds, timeout_seconds)).done:
            raise FunctionFailed if timeout_seconds < seconds else IntegrationTimedOut
        error = future.exception()
        if error:
            _log.error('The function failed', exc_info=error)
            raise FunctionFailed from error
        return future.result()

    return invoke
