"""`ops doctor` on a stage that is one stack."""

import json
import os
import shutil
from collections.abc import Iterator
from unittest import mock

import pytest
import requests

import app  # noqa: F401 - or the stage would import its own copy
from emulator.lambda_.process import RUNTIME
from ops.stage.stage import PROJECT
from tests.support.stages.deployed_stage import CONNECTOR, GPT_CALLBACKS
from tests.support.stages.stage_on_emulator import Project, project_on_emulator

NOT_ASKED = {'stack-settings', 'stack-drift'}


@pytest.fixture(scope='module')
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose stage prod is one stack, which ChatGPT is connected to."""
    folder = tmp_path_factory.mktemp('project')
    shutil.copytree(PROJECT / 'emulator', folder / 'emulator')  # which `chalice package` imports
    with project_on_emulator(folder) as project:
        given = ('AlarmEmail=ops@example.com', 'MemorySize=1024', 'ReservedConcurrency=7')
        parameters = [word for pair in given for word in ('-p', pair)]
        result = project.ops('deploy', '--yes', *parameters, stage='prod')
        assert result.exit_code == 0, result.output
        project.ops('callback', 'add', GPT_CALLBACKS[0], stage='prod')
        with mock.patch.dict(os.environ):
            client_id = project.stage('prod').outputs()['McpUserPoolClientId']
        project.ops('callback', 'add', CONNECTOR, '--client', client_id, stage='prod')
        yield project


def test_one_stack_is_well_with_the_parameters_that_it_was_given(project: Project) -> None:
    result = project.ops('doctor', '--json', stage='prod')

    found = json.loads(result.stdout)
    assert [each for each in found if each['level'] in ('warning', 'error')] == []
    assert {each['check'] for each in found if each['level'] == 'not applicable'} == NOT_ASKED
    found_by_check = {each['check']: each['found'] for each in found}
    assert found_by_check['function-settings'] == f'{RUNTIME}, 45 s, 1024 MB'
    assert found_by_check['function-concurrency'] == '7'


def test_whoever_signs_in_may_call_the_one_stack(project: Project) -> None:
    with mock.patch.dict(os.environ):
        stage = project.stage('prod')
        outputs, url, pool_id = stage.outputs(), stage.api_url, stage.user_pool_id
    email = 'you@example.com'
    added = project.ops('user', 'add', email, stage='prod')
    assert added.exit_code == 0, added.output
    issue = project.emulator.tokens.issue_for
    token = issue(outputs['UserPoolClientId'], email, 'openid email profile')['access_token']
    assert pool_id in outputs['CognitoUserPoolArn']

    headers = {'Authorization': f'Bearer {token}'}
    answer = requests.post(f'{url}/my_route', headers=headers, timeout=60)

    assert (answer.status_code, answer.json()) == (200, {'success': True})
    assert requests.post(f'{url}/my_route', timeout=60).status_code == 401


def test_remedy_is_to_deploy_the_stack(project: Project) -> None:
    name = 'aws-middleware-prod-throttles'
    project.client('cloudwatch').delete_alarms(AlarmNames=[name])

    lines = project.ops('doctor', stage='prod').stdout.splitlines()

    at = next(i for i, line in enumerate(lines) if f'{name} is gone' in line)
    assert lines[at + 1].strip() == 'python -m ops deploy --stage prod'
