"""The stages' settings and what the function may do in each."""

from typing import Any

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
        'iam_policy_file': 'policy.json',
        'api_gateway_endpoint_type': 'REGIONAL',
        'lambda_architecture': 'x86_64',
        'lambda_memory_size': 512,
        'lambda_timeout': 45,
        'log_retention_in_days': 30,
        'xray': True,
    }
    assert set(STAGES) <= set(config['stages'])
    assert not any('autogen_policy' in stage for stage in config['stages'].values())
