"""What AWS can't or won't do, told in one line."""

import os
from collections.abc import Iterator
from unittest import mock

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound
from click.testing import Result
from werkzeug import Response

from ops.aws_errors import in_one_line
from tests.support.raw_http import serving
from tests.support.stages.ops_commands import ops

POOL_ARN = 'arn:aws:cognito-idp:eu-west-1:210987654321:userpool/eu-west-1_Deployed1'


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """A stage that is on AWS, and a machine that knows nothing of AWS."""
    with mock.patch.dict(os.environ, COGNITO_USER_POOL_ARN=POOL_ARN):
        for name in [name for name in os.environ if name.startswith('AWS_')]:
            del os.environ[name]
        os.environ.update(
            AWS_EC2_METADATA_DISABLED='true',
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        )
        yield


def one_line(result: Result) -> str:
    """Return the one line that a command failed with."""
    assert (result.exit_code, result.stdout) == (1, '')
    (line,) = result.stderr.splitlines()
    return line.removeprefix('Error: ')


def test_password_in_an_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AWS_ENDPOINT_URL', 'http://me:geheim@localhost:1')
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'test')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'test')

    assert 'geheim' not in one_line(ops('chatgpt', stage='dev'))


def test_no_credentials() -> None:
    assert one_line(ops('chatgpt', stage='dev')).startswith('No AWS credentials: run `aws')


def test_unknown_profile() -> None:
    os.environ['AWS_PROFILE'] = 'nobody'

    line = one_line(ops('chatgpt', stage='dev'))

    assert line == 'There is no AWS profile nobody on this machine: correct AWS_PROFILE.'


def test_nothing_answers() -> None:
    os.environ.update(
        AWS_ACCESS_KEY_ID='testing',
        AWS_SECRET_ACCESS_KEY='testing',
        AWS_ENDPOINT_URL='http://127.0.0.1:9',
    )

    line = one_line(ops('callback', 'list', stage='dev'))

    assert line == (
        'Nothing answers at http://127.0.0.1:9: start the emulator there, or unset '
        'AWS_ENDPOINT_URL to reach AWS.'
    )


def test_another_server_in_the_place_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API instead of the emulator, for example."""
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'test')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'test')
    with serving(Response('{"message":"Missing Authentication Token"}', 403)) as url:
        monkeypatch.setenv('AWS_ENDPOINT_URL', url)

        line = one_line(ops('up', stage='dev'))

    assert line == 'What answers is not AWS: check AWS_ENDPOINT_URL, and the network.'


@pytest.mark.parametrize(
    ('code', 'line'),
    [
        (
            'AccessDeniedException',
            'AWS refuses DescribeUserPool: It is so. Ask for that permission.',
        ),
        ('ExpiredTokenException', 'AWS does not accept these credentials (ExpiredTokenException)'),
        ('UnrecognizedClientException', 'AWS does not accept these credentials'),
        ('ResourceNotFoundException', 'DescribeUserPool: It is so. (ResourceNotFoundException)'),
    ],
)
def test_refusal_names_the_call_and_the_remedy(code: str, line: str) -> None:
    response = {'Error': {'Code': code, 'Message': 'It is so.'}}

    assert in_one_line(ClientError(response, 'DescribeUserPool')).startswith(line)  # type: ignore[arg-type]


def test_pool_that_is_not_there() -> None:
    message = 'User pool eu-west-1_Gone does not exist.'
    response = {'Error': {'Code': 'ResourceNotFoundException', 'Message': message}}

    line = in_one_line(ClientError(response, 'DescribeUserPool'))  # type: ignore[arg-type]

    assert line == (
        f'{message} Correct COGNITO_USER_POOL_ARN in .chalice/config.json, or take it out.'
    )


def test_machine_that_refuses_is_reported_in_one_line() -> None:
    full = OSError(28, 'No space left on device', 'out/dev/deployment.zip')
    with mock.patch('ops.deployment.package.build', side_effect=full):
        line = one_line(ops('package', stage='dev'))

    assert line == "[Errno 28] No space left on device: 'out/dev/deployment.zip'"


@pytest.mark.parametrize('error', [BotoCoreError(), ProfileNotFound(profile='a\nb')])
def test_any_other_error_is_one_line(error: BotoCoreError) -> None:
    assert len(in_one_line(error).splitlines()) == 1
