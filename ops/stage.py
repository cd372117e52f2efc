"""What a stage is: its settings, its operations, where its API answers and which AWS it is in."""

import json
import os
import re
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import click
from chalice.config import Config
from chalice.constants import DEFAULT_APIGATEWAY_STAGE_NAME

from chalicelib import settings

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from chalicelib.routes import OperationRoute

PROJECT = Path(__file__).resolve().parent.parent
LOCAL = 'local'
_POOL_ARN = re.compile(r'arn:[\w-]+:cognito-idp:(?P<region>[\w-]+):\d{12}:userpool/(?P<id>[\w-]+)')


class StageNotUsable(click.ClickException):
    """A stage lacks something that was asked of it; the message says what to do."""


@dataclass(frozen=True)
class Stage:
    """A stage of .chalice/config.json whose environment variables are set in this process."""

    name: str
    config: Config
    url: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether the stage is served on this machine and its AWS is the emulator."""
        return self.name == LOCAL

    @property
    def api_url(self) -> str:
        """The API's URL without a trailing slash; raises StageNotUsable while it has none."""
        if self.url:
            return self.url.rstrip('/')
        if self.is_local:
            return f'http://localhost:{_port("API_PORT", 8000)}'
        try:
            recorded = self.config.deployed_resources(self.name).resource_values('rest_api')
            return str(recorded['rest_api_url']).rstrip('/')
        except (KeyError, ValueError) as error:
            raise StageNotUsable(
                f'The stage {self.name} is not deployed from here: .chalice/deployed/'
                f'{self.name}.json names no REST API. Deploy it, or give its address with --url.'
            ) from error

    @property
    def user_pool_id(self) -> str:
        """The id of the user pool whose people may call."""
        return self._user_pool()['id']

    @property
    def region(self) -> str:
        """The AWS region, which is the user pool's."""
        return self._user_pool()['region']

    @property
    def endpoint_url(self) -> str | None:
        """Where every AWS client of this stage connects to; None is AWS itself."""
        return f'http://localhost:{_port("EMULATOR_PORT", 9400)}' if self.is_local else None

    def session(self) -> boto3.Session:
        """Return a boto3 session; make clients with ``endpoint_url=stage.endpoint_url``."""
        if self.is_local:
            return boto3.Session('emulator', 'emulator', region_name=self.region)
        return boto3.Session(profile_name=self.config.profile, region_name=self.region)

    def cognito(self) -> 'CognitoIdentityProviderClient':
        """Return a client of the user pool's API."""
        return self.session().client('cognito-idp', endpoint_url=self.endpoint_url)

    def operation_routes(self) -> 'list[OperationRoute]':
        """Import app.py as this stage sets it up, and return its operations."""
        self._user_pool()  # app.py needs it, and so does what this imports
        from chalicelib.routes import InvalidDeclaration, operation_routes  # noqa: PLC0415

        if self.config.project_dir not in sys.path:
            sys.path.insert(0, self.config.project_dir)
        try:
            return operation_routes(import_module('app').app)
        except (InvalidDeclaration, SyntaxError) as error:
            raise StageNotUsable(f'app.py: {error}') from error

    def _user_pool(self) -> re.Match[str]:
        try:
            arn = settings.cognito_user_pool_arn()
        except settings.MissingSetting as error:
            raise StageNotUsable(str(error)) from error
        if found := _POOL_ARN.fullmatch(arn):
            return found
        raise StageNotUsable(
            f'COGNITO_USER_POOL_ARN of the stage {self.name} is {arn!r}, which is no ARN of a '
            'user pool: arn:aws:cognito-idp:<region>:<account>:userpool/<id>.'
        )


def load_stage(name: str, url: str | None = None, project: Path = PROJECT) -> Stage:
    """Return a stage and set its environment variables in this process.

    ``url`` is the API's address where the caller knows better. Raises StageNotUsable.
    """
    try:
        on_disk = json.loads((project / '.chalice' / 'config.json').read_text('utf-8'))
        stages = on_disk.get('stages', {})
    except (OSError, ValueError, AttributeError) as error:
        raise StageNotUsable(f'{project}/.chalice/config.json: {error}') from error
    if name not in stages:
        raise StageNotUsable(
            f'There is no stage {name} in .chalice/config.json, only {", ".join(stages)}.'
        )
    # Not by way of chalice.cli, which talks to the terminal when it is imported.
    given = {'project_dir': str(project), 'api_gateway_stage': DEFAULT_APIGATEWAY_STAGE_NAME}
    config = Config(name, config_from_disk=on_disk, default_params=given)
    os.environ.update(config.environment_variables)
    return Stage(name, config, url)


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise StageNotUsable(f'{variable} is {text!r}: set it to a port number, 1 to 65535.')
