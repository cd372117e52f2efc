"""What a stage is: its settings, its operations, where its API answers and which AWS it is in."""

import os
import re
import sys
import traceback
from collections.abc import Collection, Mapping
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

import capabilities
from capabilities.capability import Capability
from ops.aws_errors import in_one_line
from ops.cloudformation import stack
from ops.stage import import_failure, json_file, project_files, variables

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from chalicelib.operations.routes import OperationRoute

PROJECT = Path(__file__).resolve().parent.parent.parent
LOCAL = 'local'
_POOL_ARN = re.compile(r'arn:[\w-]+:cognito-idp:(?P<region>[\w-]+):\d{12}:userpool/(?P<id>[\w-]+)')
_EXECUTE_API_URL = re.compile(r'https://(?P<id>\w+)\.execute-api\.[^/]+/(?P<stage>[^/]+)')


class StageNotUsable(click.ClickException):
    """A stage lacks something that was asked of it; the message says what to do."""


@dataclass(frozen=True)
class Stage:
    """A stage of .chalice/config.json.

    What it tells may come from this process's environment: enter_stage() puts the stage's own
    variables there, complete_environment() what its stack adds to them.
    """

    name: str
    config: Config
    url: str | None = None
    switched_on: Collection[str] = capabilities.NAMES

    @property
    def capabilities(self) -> list[Capability]:
        """What the stage has: what every stage has, and the capabilities that are switched on."""
        return capabilities.of_a_stage(self.switched_on)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of the stage's function, as far as the project says them."""
        return {**self.config.environment_variables, **variables.of_capabilities(self.switched_on)}

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
        """The id of the user pool whose people may call; raises StageNotUsable."""
        arn = _user_pool_arn() or variables.of_outputs(self.outputs()).get('COGNITO_USER_POOL_ARN')
        return self._parsed(arn)['id']

    @property
    def region(self) -> str:
        """The AWS region: the user pool's, or while it is not known the one boto3 is set up for."""
        if arn := _user_pool_arn():
            return self._parsed(arn)['region']
        return self._configured_region

    @cached_property
    def _configured_region(self) -> str:
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
        """Raise StageNotUsable if API Gateway's stage has another name: no alarm would watch it."""
        if self.config.api_gateway_stage != self.name and not self.is_local:
            raise StageNotUsable(
                f'API Gateway would call the stage {self.name} {self.config.api_gateway_stage}: '
                f'set "api_gateway_stage": "{self.name}" for it in .chalice/config.json.'
            )

    def session(self) -> boto3.Session:
        """Return a boto3 session; make clients with ``endpoint_url=stage.endpoint_url``."""
        # Making one takes longer than a call, so it is made once for a region.
        if self.region not in self._sessions:
            self._sessions[self.region] = (
                boto3.Session('emulator', 'emulator', region_name=self.region)
                if self.is_local
                else boto3.Session(profile_name=self.config.profile, region_name=self.region)
            )
        return self._sessions[self.region]

    @cached_property
    def _sessions(self) -> dict[str, boto3.Session]:
        return {}

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
        return self._cognito

    @cached_property
    def _cognito(self) -> 'CognitoIdentityProviderClient':
        return self.session().client('cognito-idp', endpoint_url=self.endpoint_url)

    def complete_environment(self) -> None:
        """Set, of the function's settings, those that only the stage's stack knows.

        They go into this process's environment, for chalicelib.settings to read. Raises
        StageNotUsable where there is no user pool even so.
        """
        if not _user_pool_arn():
            for name, value in variables.of_outputs(self.outputs()).items():
                os.environ[name] = os.environ.get(name) or value
        self._parsed(_user_pool_arn())

    def import_operations(self) -> 'list[OperationRoute]':
        """Import app.py in the stage's completed environment, and return its operations."""
        self.complete_environment()  # app.py needs it, and so does what this imports
        from chalicelib.operations.routes import InvalidDeclaration, operation_routes  # noqa: PLC0415

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

    def _parsed(self, arn: str | None) -> re.Match[str]:
        if not arn:
            up, deploy = (
                f'`python -m ops {each} --stage {self.name}`' for each in ('up', 'deploy')
            )
            remedy = 'Set it there.' if self.is_local else f'Begin with {up} or {deploy}.'
            raise StageNotUsable(
                f'The stage {self.name} has no user pool yet: there is no stack of it, and no '
                f'COGNITO_USER_POOL_ARN in .chalice/config.json. {remedy}'
            )
        if found := _POOL_ARN.fullmatch(arn):
            return found
        raise StageNotUsable(
            f'COGNITO_USER_POOL_ARN of the stage {self.name} is {arn!r}, which is no ARN of a '
            'user pool: arn:aws:cognito-idp:<region>:<account>:userpool/<id>.'
        )


def enter_stage(name: str, url: str | None = None, project: Path = PROJECT) -> Stage:
    """Read a stage, and set its environment variables in this process; raises StageNotUsable."""
    stage = read_stage(name, url, project)
    try:
        os.environ.update(stage.environment)
    except ValueError as error:
        raise StageNotUsable(f'{project}/.chalice/config.json: {error}') from error
    return stage


def read_stage(name: str, url: str | None = None, project: Path = PROJECT) -> Stage:
    """Return a stage as the project's files have it.

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
    return Stage(name, config, url, _switched_on(on_disk, name))


def _switched_on(on_disk: Mapping[str, Any], name: str) -> list[str]:
    """Return the capabilities of a stage: its own list, else that of all stages, else all."""
    listed = on_disk['stages'][name].get('capabilities', on_disk.get('capabilities'))
    chosen = capabilities.NAMES if listed is None else listed
    if unknown := [each for each in chosen if each not in capabilities.NAMES]:
        raise StageNotUsable(
            f'.chalice/config.json: there is no capability {", ".join(unknown)} for the stage '
            f'{name}, only {", ".join(capabilities.NAMES)}.'
        )
    return sorted(set(chosen))


def _user_pool_arn() -> str:
    return os.environ.get('COGNITO_USER_POOL_ARN', '').strip()


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise StageNotUsable(f'{variable} is {text!r}: set it to a port number, 1 to 65535.')
