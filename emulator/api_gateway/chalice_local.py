"""What `chalice local` serves with, so that it checks tokens as API Gateway does.

The chalice command line imports app.py for every one of its commands, and app.py calls guard():
that is cheap, and matters to none but `chalice local`.
"""

import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from chalice import local
from chalice.app import Chalice
from chalice.config import Config


def guard() -> None:
    """Make `chalice local` serve the app through the emulated API Gateway."""
    local.create_local_server = create_local_server


def create_local_server(app_obj: Chalice, config: Config, host: str, port: int) -> Any:
    """Return the server that chalice is to run, or end the process when the port is in use."""
    # Imported here, because other chalice commands need none of it.
    local_api = import_module('emulator.api_gateway.local_api')
    http_server = import_module('emulator.http_server')
    # `chalice local` logs from INFO on, and boto3 has much to say there.
    logging.getLogger('botocore').setLevel(logging.WARNING)
    if config.chalice_stage == 'local':
        _stay_on_this_machine(config)
    # As chalice's own server does: requests come in threads, each with its own current_request.
    local.CustomLocalChalice.__bases__ = (local.LocalChalice, app_obj.__class__)
    app_obj.__class__ = local.CustomLocalChalice
    gateway = local_api.gateway(
        app_obj,
        stage=config.api_gateway_stage,
        function_timeout_seconds=config.lambda_timeout or 60,
    )
    try:
        server = http_server.Server(host, port, gateway)
    except http_server.CannotListen as error:
        sys.stderr.write(f'{error}\n')
        # The autoreloader serves in a thread, which is all that SystemExit would end.
        os._exit(1)
    project, url = Path(config.project_dir), f'http://localhost:{server.port}'
    gateway.api.customise(local_api.customisations_of(project, url))
    sys.stdout.write(f'Serving on http://{host}:{server.port}\n')
    sys.stdout.flush()
    return server


def _stay_on_this_machine(config: Config) -> None:
    """Point boto3 and the sign-in at the emulator, with no credentials of a real account."""
    for name in ('AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN'):
        os.environ.pop(name, None)
    emulator = f'http://localhost:{os.environ.get("EMULATOR_PORT", "9400")}'
    os.environ.setdefault('AWS_ENDPOINT_URL', emulator)
    os.environ |= {
        'AWS_ACCESS_KEY_ID': 'local',
        'AWS_SECRET_ACCESS_KEY': 'local',
        'AWS_DEFAULT_REGION': 'us-east-1',
        **config.environment_variables,
        'COGNITO_DOMAIN_URL': os.environ['AWS_ENDPOINT_URL'],
    }
