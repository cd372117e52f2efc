"""What a stage is: its settings, its operations, where its API answers and which AWS it is in."""

import os
import re
import sys
import traceback
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from chalice.config import Config
from chalice.constants import DEFAULT_APIGATEWAY_STAGE_NAME

from chalicelib import settings
from ops.aws_errors import in_one_line
from ops.cloudformation import stack
from ops.stage import import_failure, json_file, project_files, variables

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from chalicelib.routes import OperationRoute

PROJECT = Path(__file__).resolve().parent.parent.parent
LOCAL = 'local'
_POOL_ARN = re.compile(r'arn:[\w-]+:cognito-idp:(?P<region>[\w-]+):\d{12}:userpool/(?P<id>[\w-]+)')
_EXECUTE_API_URL = re.compile(r'https://(?P<id>\w+)\.execute-api\.[^/]+/(?P<stage>[^/]+)')


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
    def stack_name(self) -> str:
        """The name of the stack that holds all of the stage, where it is deployed as one."""
        return f'{self.config.app_name}-{self.name}'

    @property
    def resources_stack_name(self) -> str:
        """The name of the stack of what `chalice deploy` does not make."""
        return f'{self.stack_name}-resources'

    @property
    def api_url(self) -> str:
        """Where the API answers, without a trailing slash; raises StageNotUsable while nowhere."""
        deployed = self.deployed_url
        there = _EXECUTE_API_URL.fullmatch(deployed)
        if there and self.endpoint_url and not self.url:
            return f'{self.endpoint_url}/execute-api/{there["id"]}/{there["stage"]}'
        return deployed

    @property
    def deployed_url(self) -> str:
        """The API's URL as AWS has it, whichever endpoint is set; raises StageNotUsable."""
        if self.url:
            return self.url.rstrip('/')
        if self.is_local:
            return f'http://localhost:{_port("API_PORT", 8000)}'
        deployed = str(self.rest_api().get('rest_api_url') or self.outputs().get('ApiUrl', ''))
        if not deployed:
            raise StageNotUsable(
                f'The stage {self.name} is not deployed from here: .chalice/deployed/{self.name}'
                f'.json names no REST API, and neither does the stack {self.stack_name}. '
                'Deploy it, or give its address with --url.'
            )
        return deployed.rstrip('/')

    @property
    def user_pool_id(self) -> str:
        """The id of the user pool whose people may call."""
        return self._user_pool()['id']

    @property
    def region(self) -> str:
        """The AWS region: the user pool's, or while it is not known the one boto3 is set up for."""
        if _has_user_pool():
            return self._user_pool()['region']
        try:
            configured = boto3.Session(profile_name=self.config.profile).region_name
        except BotoCoreError as error:
            raise StageNotUsable(in_one_line(error)) from error
        if not configured:
            raise StageNotUsable(
                f'No AWS region for the stage {self.name}: set AWS_DEFAULT_REGION, which '
                '`chalice deploy` reads as well.'
            )
        return configured

    @property
    def endpoint_url(self) -> str | None:
        """Where every AWS client of this stage connects to; None is AWS itself."""
        if self.is_local:
            return f'http://localhost:{_port("EMULATOR_PORT", 9400)}'
        url = os.environ.get('AWS_ENDPOINT_URL', '').rstrip('/')
        if url and not re.match('https?://[^/]', url):
            raise StageNotUsable(
                'AWS_ENDPOINT_URL has to be http:// or https:// and a host: correct it, or unset '
                'it to reach AWS.'
            )
        return url or None

    def check_gateway_stage(self) -> None:
        """Raise StageNotUsable if the API's stage has a name by which nothing watches it."""
        if self.config.api_gateway_stage != self.name and not self.is_local:
            raise StageNotUsable(
                f'API Gateway would call the stage {self.name} {self.config.api_gateway_stage}: '
                f'set "api_gateway_stage": "{self.name}" for it in .chalice/config.json.'
            )

    def session(self) -> boto3.Session:
        """Return a boto3 session; make clients with ``endpoint_url=stage.endpoint_url``."""
        if self.is_local:
            return boto3.Session('emulator', 'emulator', region_name=self.region)
        return boto3.Session(profile_name=self.config.profile, region_name=self.region)

    def rest_api(self) -> dict[str, Any]:
        """Return what `chalice deploy` recorded of the REST API; empty before the first time.

        Raises FileRefused: half a record is not none.
        """
        recorded = project_files.deployed(Path(self.config.project_dir), self.name)
        return next((each for each in recorded if each.get('name') == 'rest_api'), {})

    def outputs(self) -> dict[str, str]:
        """Return the outputs of the stage's stack, read once: of the one stack, else of the other.

        Empty where there is neither. Raises StageNotUsable.
        """
        return self._outputs

    @cached_property
    def _outputs(self) -> dict[str, str]:
        if self.is_local:
            return {}
        try:
            cloudformation = self.session().client(
                'cloudformation', endpoint_url=self.endpoint_url, config=stack.QUICKLY
            )
            one = stack.outputs(cloudformation, self.stack_name)
            return one or stack.outputs(cloudformation, self.resources_stack_name)
        except (BotoCoreError, ClientError) as error:
            raise StageNotUsable(
                f'The stacks of the stage {self.name} cannot be read: {in_one_line(error)}'
            ) from error

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
            app = import_module('app').app
            return operation_routes(app)
        except InvalidDeclaration as error:
            raise StageNotUsable(f'app.py: {error}') from error
        except Exception as error:
            trace = ''.join(traceback.format_exception(error))
            why = import_failure.in_one_line(trace, Path(self.config.project_dir))
            raise StageNotUsable(f'app.py cannot be imported: {why}') from error

    def _user_pool(self) -> re.Match[str]:
        if not _has_user_pool():
            for name, value in variables.of_outputs(self.outputs()).items():
                os.environ[name] = os.environ.get(name) or value
        try:
            arn = settings.cognito_user_pool_arn()
        except settings.MissingSetting as error:
            if self.is_local:
                raise StageNotUsable(str(error)) from error
            raise StageNotUsable(
                f'The stage {self.name} has no user pool yet: there is no stack of it, and no '
                f'COGNITO_USER_POOL_ARN in .chalice/config.json. Begin with `python -m ops up '
                f'--stage {self.name}` or `python -m ops deploy --stage {self.name}`.'
            ) from error
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
        on_disk = project_files.config(project)
    except json_file.FileRefused as error:
        raise StageNotUsable(error.message) from error
    if name not in on_disk['stages']:
        there = ', '.join(on_disk['stages'])
        raise StageNotUsable(f'There is no stage {name} in .chalice/config.json, only {there}.')
    # Not by way of chalice.cli, which talks to the terminal when it is imported.
    given = {'project_dir': str(project), 'api_gateway_stage': DEFAULT_APIGATEWAY_STAGE_NAME}
    config = Config(name, config_from_disk=on_disk, default_params=given)
    try:
        os.environ.update(config.environment_variables)
    except ValueError as error:
        raise StageNotUsable(f'{project}/.chalice/config.json: {error}') from error
    return Stage(name, config, url)


def _has_user_pool() -> bool:
    return bool(os.environ.get('COGNITO_USER_POOL_ARN', '').strip())


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise StageNotUsable(f'{variable} is {text!r}: set it to a port number, 1 to 65535.')
