"""Every environment variable the app knows, read when it is asked for."""

import os


class MissingSetting(RuntimeError):
    """A setting that the app can't work without; the message names it and never holds a value."""

    def __init__(self, name: str, purpose: str) -> None:
        super().__init__(
            f'The environment variable {name} is not set: {purpose}. '
            "Set it under the stage's environment_variables in .chalice/config.json."
        )


def cognito_user_pool_arn() -> str:
    """Return the ARN of the user pool whose people may call."""
    return _required('COGNITO_USER_POOL_ARN', 'the ARN of the user pool whose people may call')


def cognito_client_ids() -> frozenset[str]:
    """Return the app clients whose tokens are taken; empty means every client of the pool."""
    return frozenset(os.environ.get('COGNITO_CLIENT_IDS', '').replace(',', ' ').split())


def function_name() -> str:
    """Return the Lambda function's name, the dimension under which its metrics are kept."""
    return os.environ.get('AWS_LAMBDA_FUNCTION_NAME', 'local')


def _required(name: str, purpose: str) -> str:
    value = os.environ.get(name, '').strip()
    if not value:
        raise MissingSetting(name, purpose)
    return value
