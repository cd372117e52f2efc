"""The stages' settings and what the function may do in each."""

from typing import Any

import pytest

from ops.stage import json_file
from ops.stage.stage import PROJECT

CHALICE = PROJECT / '.chalice'
STAGES = ['local', 'dev', 'prod']


def read(name: str) -> dict[str, Any]:
    """Return a JSON file of .chalice/."""
    return json_file.read(CHALICE / name)


def test_every_stage_has_the_function_settings_of_the_contract() -> None:
    config = read('config.json')
    for_all = {name: value for name, value in config.items() if name != 'stages'}

    assert for_all == {
        'version': '2.0',
        'app_name': 'aws-middleware',
        'autogen_policy': False,
        'api_gateway_endpoint_type': 'REGIONAL',
        'lambda_architecture': 'x86_64',
        'lambda_memory_size': 512,
        'lambda_timeout': 45,
        'log_retention_in_days': 30,
        'xray': True,
    }
    assert set(STAGES) <= set(config['stages'])
    assert not any('autogen_policy' in stage for stage in config['stages'].values())


@pytest.mark.parametrize('stage', STAGES)
def test_policy_is_least_privilege(stage: str) -> None:
    statements = read(f'policy-{stage}.json')['Statement']

    actions = [action for statement in statements for action in statement['Action']]
    without_arn = {s['Sid'] for s in statements if s['Resource'] in ('*', ['*'])}
    assert statements
    assert [action for action in actions if '*' in action] == []
    assert without_arn <= {'SendTraces', 'ReadItsOwnStatements'}


@pytest.mark.parametrize('stage', STAGES)
def test_policy_names_the_stages_own_log_group(stage: str) -> None:
    (statement,) = (
        each
        for each in read(f'policy-{stage}.json')['Statement']
        if each['Sid'] == 'WriteItsOwnLog'
    )

    assert f':log-group:/aws/lambda/aws-middleware-{stage}:*' in str(statement['Resource'])


@pytest.mark.parametrize('stage', STAGES)
def test_policies_differ_in_nothing_but_what_they_are_about(stage: str) -> None:
    """`ops up` puts a stage's ARNs in, and leaves out what it has not."""
    every = {each['Sid']: each for each in read('policy-local.json')['Statement']}

    for statement in read(f'policy-{stage}.json')['Statement']:
        about = {'Resource': every[statement['Sid']]['Resource']}
        assert statement | about == every[statement['Sid']]
