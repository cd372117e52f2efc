"""What a stage is: its settings, its operations, where its API answers and which AWS it is in."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import click
from chalice.cli.factory import CLIFactory, UnknownConfigFileVersion
from chalice.config import Config

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

        try:
            return operation_routes(_factory(Path(self.config.project_dir)).load_chalice_app())
        except (InvalidDeclaration, RuntimeError) as error:
            raise StageNotUsable(str(error)) from error

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
    factory = _factory(project)
    try:
        stages = factory.load_project_config().get('stages', {})
        config = factory.create_config_obj(name)
    except (OSError, json.JSONDecodeError, UnknownConfigFileVersion, RuntimeError) as error:
        raise StageNotUsable(f'{project}/.chalice/config.json: {error}') from error
    if name not in stages:
        raise StageNotUsable(
            f'There is no stage {name} in .chalice/config.json, only {", ".join(stages)}.'
        )
    os.environ.update(config.environment_variables)
    return Stage(name, config, url)


def _factory(project: Path) -> CLIFactory:
    return CLIFactory(str(project), environ=os.environ)


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise StageNotUsable(f'{variable} is {text!r}: set it to a port number, 1 to 65535.')
