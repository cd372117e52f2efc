"""What is there when the emulator starts, by the names that the stage local has for it."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from emulator.server import Emulator, run_in_thread
from ops.stage import json_file
from ops.stage.stage import PROJECT

LOCAL: dict[str, str] = json_file.read(PROJECT / '.chalice' / 'config.json')['stages']['local'][
    'environment_variables'
]
START = """
import sys
from emulator.server import run_in_thread

with run_in_thread():
    print(sys.modules.keys() & {'duckdb', 'sqlglot', 'moto.stepfunctions.parser.models'})
"""


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with run_in_thread() as emulator:
        yield emulator


def client(emulator: Emulator, service: str) -> Any:
    """Return a client of a service."""
    make: Any = boto3.client
    return make(service, endpoint_url=emulator.url)


def test_settings_of_the_stage_local_name_what_is_there(emulator: Emulator) -> None:
    pool_id = LOCAL['COGNITO_USER_POOL_ARN'].partition('/')[2]
    table = client(emulator, 'dynamodb').describe_table(TableName=LOCAL['RECORDS_TABLE_NAME'])
    machine = LOCAL['WORKFLOW_STATE_MACHINE_ARN']
    described = client(emulator, 'stepfunctions').describe_state_machine(stateMachineArn=machine)
    pool = client(emulator, 'cognito-idp').describe_user_pool(UserPoolId=pool_id)
    buckets = client(emulator, 's3').list_buckets()['Buckets']

    assert table['Table']['ItemCount'] > 0
    assert described['status'] == 'ACTIVE'
    assert pool['UserPool']['Arn'] == LOCAL['COGNITO_USER_POOL_ARN']
    assert {bucket['Name'] for bucket in buckets} == {
        LOCAL['DOCUMENTS_BUCKET_NAME'],
        LOCAL['RESULTS_BUCKET_NAME'],
    }


def test_all_who_ask_first_find_the_one_workflow(emulator: Emulator) -> None:
    states = client(emulator, 'stepfunctions')

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(lambda _: states.list_state_machines(), range(4)))

    found = [[machine['stateMachineArn'] for machine in a['stateMachines']] for a in answers]
    assert found == [[LOCAL['WORKFLOW_STATE_MACHINE_ARN']]] * 4


def test_start_loads_nothing_that_executes_workflows_or_sql() -> None:
    run = subprocess.run(
        [sys.executable, '-c', START], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert run.stdout == 'set()\n'
