"""Every environment variable the app knows, read when it is asked for."""

import os

from chalice.app import ChaliceViewError


class MissingSetting(ChaliceViewError):
    """A setting that is needed is not there."""

    STATUS_CODE = 503

    def __init__(self, name: str, purpose: str) -> None:
        super().__init__(
            f'{name} is not set: {purpose}. Whoever runs this API sets it among the '
            "stage's environment_variables in .chalice/config.json; trying again does not help."
        )


def cognito_user_pool_arn() -> str:
    """Return the ARN of the user pool whose people may call."""
    return _required('COGNITO_USER_POOL_ARN', 'the ARN of the user pool whose people may call')


def cognito_client_ids() -> frozenset[str]:
    """Return the app clients whose tokens are taken; empty means every client of the pool."""
    value = os.environ.get('COGNITO_CLIENT_IDS', '')
    ids = frozenset(value.replace(',', ' ').split())
    if value.strip() and not ids:
        raise MissingSetting('COGNITO_CLIENT_IDS', 'it has a value that names no app client')
    return ids


def function_name() -> str:
    """Return the Lambda function's name, the dimension under which its metrics are kept."""
    return os.environ.get('AWS_LAMBDA_FUNCTION_NAME', 'local')


def _required(name: str, purpose: str) -> str:
    value = os.environ.get(name, '').strip()
    if not value:
        raise MissingSetting(name, purpose)
    return value
