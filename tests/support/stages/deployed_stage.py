"""The stage dev as an operator deploys it, with the emulator for AWS, and ways to change it."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from moto.apigateway.models import apigateway_backends

from emulator.api_gateway.definitions import definition_of
from ops.stage.stage import PROJECT
from tests.support.stages.stage_on_emulator import ACCOUNT, REGION, Project, project_on_emulator

GPT_CALLBACKS = [
    'https://chatgpt.com/aip/g-1a2b/oauth/callback',
    'https://chat.openai.com/aip/g-1a2b/oauth/callback',
]
CONNECTOR = 'https://chatgpt.com/connector/oauth/1a2b'
FUNCTION = {'FunctionName': 'aws-middleware-dev'}
GPT, MCP = 'UserPoolClientId', 'McpUserPoolClientId'


@dataclass(frozen=True)
class Deployed:
    """A deployed stage; each of its changes is for as long as its context."""

    project: Project

    def client(self, service: str) -> Any:
        """Return a client of its AWS."""
        return self.project.client(service)

    @property
    def api_id(self) -> str:
        """The REST API's id."""
        return str(self.project.stage().rest_api()['rest_api_id'])

    @property
    def pool_id(self) -> str:
        """The user pool's id."""
        return self.project.variables()['COGNITO_USER_POOL_ARN'].partition('/')[2]

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The outputs of its stack."""
        return self.project.stage().outputs()

    def client_id(self, output: str = GPT) -> str:
        """Return the id of an app client."""
        return self.outputs[output]

    @contextmanager
    def with_client(self, output: str = GPT, **changes: Any) -> Iterator[None]:
        """Change settings of an app client."""
        cognito, which = self.client('cognito-idp'), self.client_id(output)
        described = cognito.describe_user_pool_client(UserPoolId=self.pool_id, ClientId=which)
        before = _settable(cognito, 'UpdateUserPoolClient', described['UserPoolClient'])
        cognito.update_user_pool_client(**before | changes)
        try:
            yield
        finally:
            cognito.update_user_pool_client(**before)

    @contextmanager
    def with_pool(self, **changes: Any) -> Iterator[None]:
        """Change settings of the user pool."""
        cognito = self.client('cognito-idp')
        described = cognito.describe_user_pool(UserPoolId=self.pool_id)['UserPool']
        before = _settable(cognito, 'UpdateUserPool', described)
        cognito.update_user_pool(UserPoolId=self.pool_id, **before | changes)
        try:
            yield
        finally:
            cognito.update_user_pool(UserPoolId=self.pool_id, **before)

    @contextmanager
    def with_settings(self, **changes: str) -> Iterator[None]:
        """Change what .chalice/config.json says of the stage; '' takes a variable out."""
        before = self.project.variables()
        changed = {name: value for name, value in (before | changes).items() if value}
        self.project.configure(**changed)
        for name in before:
            os.environ.pop(name, None)  # where a stage that was loaded before has set it
        try:
            yield
        finally:
            self.project.configure(**before)
            for name in changes:
                os.environ.pop(name, None)

    @contextmanager
    def with_function(self, **changes: Any) -> Iterator[None]:
        """Change the configuration of the function."""
        lambda_ = self.client('lambda')
        before = lambda_.get_function_configuration(**FUNCTION)
        lambda_.update_function_configuration(**FUNCTION, **changes)
        try:
            yield
        finally:
            kept = {name: before[name] for name in changes}
            if 'TracingConfig' in kept:
                kept['TracingConfig'] = {'Mode': before['TracingConfig']['Mode']}
            lambda_.update_function_configuration(**FUNCTION, **kept)

    def with_environment(self, **changes: str) -> AbstractContextManager[None]:
        """Change the environment of the function; '' takes a variable out."""
        configured = self.client('lambda').get_function_configuration(**FUNCTION)
        changed = configured['Environment']['Variables'] | changes
        kept = {name: value for name, value in changed.items() if value}
        return self.with_function(Environment={'Variables': kept})

    @contextmanager
    def with_definition(self, change: Callable[[dict[str, Any]], object]) -> Iterator[None]:
        """Deploy another definition of the API."""
        api = apigateway_backends[ACCOUNT][REGION].apis[self.api_id]
        before = definition_of(api.deployments[str(api.stages['dev'].deployment_id)])
        changed = copy.deepcopy(before)
        change(changed)
        self._deploy(changed)
        try:
            yield
        finally:
            self._deploy(before)

    def _deploy(self, definition: dict[str, Any]) -> None:
        gateway, body = self.client('apigateway'), json.dumps(definition)
        gateway.put_rest_api(restApiId=self.api_id, mode='overwrite', body=body)
        gateway.create_deployment(restApiId=self.api_id, stageName='dev')

    @contextmanager
    def with_stage(self, op: str, path: str, value: str = '') -> Iterator[None]:
        """Change a setting of the API's stage; `ops up` sets it as it was."""
        patch = {'op': op, 'path': path} | ({'value': value} if value else {})
        self.client('apigateway').update_stage(
            restApiId=self.api_id, stageName='dev', patchOperations=[patch]
        )
        try:
            yield
        finally:
            self.up()

    def up(self, *options: str) -> None:
        """Run `ops up`."""
        result = self.project.ops('up', *options)
        assert result.exit_code == 0, result.output


@contextmanager
def deployed_stage(folder: Path) -> Iterator[Deployed]:
    """Deploy the stage dev, and connect ChatGPT to it in both ways."""
    with project_on_emulator(folder) as project:
        stage = Deployed(project)
        stage.up('-p', 'AlarmEmail=ops@example.com')
        deploy(project)
        stage.up()
        for url, output in ((GPT_CALLBACKS[0], GPT), (CONNECTOR, MCP)):
            added = project.ops('callback', 'add', url, '--client', stage.client_id(output))
            assert added.exit_code == 0, added.output
        yield stage


def deploy(project: Project) -> None:
    """Run `chalice deploy` in a project."""
    run = subprocess.run(
        [Path(sys.executable).with_name('chalice'), 'deploy', '--stage', 'dev'],
        cwd=project.folder,
        # The chalice command line imports what guards `chalice local`.
        env=os.environ | {'PYTHONPATH': str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def _settable(cognito: Any, operation: str, described: dict[str, Any]) -> dict[str, Any]:
    members = cognito.meta.service_model.operation_model(operation).input_shape.members
    return {name: value for name, value in described.items() if name in members}
