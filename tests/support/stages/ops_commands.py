"""The ops commands as a person runs them, against an emulator of their own."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import boto3
from click.testing import CliRunner, Result
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from emulator.expiring import Clock
from emulator.sample.data import POOL_ID, REGION
from emulator.server import Emulator, run_in_thread
from ops.__main__ import main


@contextmanager
def local_stage(clock: Clock = time.time) -> Iterator[Emulator]:
    """Run an emulator as the AWS of the stage local."""
    with run_in_thread(clock=clock) as emulator, mock.patch.dict(os.environ):
        os.environ['EMULATOR_PORT'] = emulator.url.rpartition(':')[2]
        yield emulator


def ops(*arguments: str, stage: str = 'local') -> Result:
    """Run `python -m ops`, within this process; an unexpected exception is the caller's."""
    return CliRunner().invoke(main, [*arguments, '--stage', stage], catch_exceptions=False)


def cognito(emulator: Emulator) -> CognitoIdentityProviderClient:
    """Return an administrator's client of an emulator's pools."""
    return boto3.client('cognito-idp', region_name=REGION, endpoint_url=emulator.url)


def create_client(emulator: Emulator, name: str, **settings: object) -> str:
    """Create an app client in the sample pool, with a secret; return its id."""
    created = cognito(emulator).create_user_pool_client(
        UserPoolId=POOL_ID,
        ClientName=name,
        **{'GenerateSecret': True, **settings},  # type: ignore[arg-type]
    )
    return created['UserPoolClient']['ClientId']
