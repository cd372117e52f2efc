"""`ops user`: the people who may sign in."""

import secrets
import string
from typing import TYPE_CHECKING

import click

from ops.stage import options
from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# Without what is easily mistaken for something else when it is read out or copied.
_KINDS = (
    ''.join(set(string.ascii_uppercase) - set('IO')),
    ''.join(set(string.ascii_lowercase) - set('lo')),
    ''.join(set(string.digits) - set('01')),
    '!@#%-_=+',
)
_USUAL_LENGTH = 16


@click.group(epilog='Example: python -m ops user add jane@example.com --stage local')
def user() -> None:
    """Let people sign in."""


@user.command(epilog='Example: python -m ops user add joe@example.com --stage local')
@click.argument('email')
@options.stage
@click.option('--temporary-password', metavar='P', help='Generated if you give none.')
@click.option('--reset', is_flag=True, help='Give a person who is there a new temporary password.')
def add(email: str, stage: Stage, temporary_password: str | None, *, reset: bool) -> None:
    """Create a person who may sign in, with a temporary password.

    The password is printed, once, and not e-mailed: hand it over yourself. The first sign-in asks
    for a new one.
    """
    cognito, pool = stage.cognito(), stage.user_pool_id
    password = temporary_password or generate_password(_minimum_length(cognito, pool))
    try:
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=email,
            TemporaryPassword=password,
            UserAttributes=[
                {'Name': 'email', 'Value': email},
                {'Name': 'email_verified', 'Value': 'true'},
            ],
            MessageAction='SUPPRESS',
        )
    except cognito.exceptions.UsernameExistsException:
        if not reset:
            _tell_who_is_there(cognito, pool, email)
            return
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=password, Permanent=False
        )
    click.echo(f'{email} may sign in with the temporary password: {password}')


def _tell_who_is_there(cognito: 'CognitoIdentityProviderClient', pool: str, email: str) -> None:
    person = cognito.admin_get_user(UserPoolId=pool, Username=email)
    state = {
        'FORCE_CHANGE_PASSWORD': 'and has not yet signed in with the temporary password',
        'CONFIRMED': 'and has a password of their own',
    }.get(person['UserStatus'], f'({person["UserStatus"]})')
    disabled = '' if person['Enabled'] else ' The account is disabled.'
    click.echo(
        f'{email} is there already {state}; nothing was changed.{disabled}\n'
        'To set a new temporary password, run this again with --reset.'
    )


def _minimum_length(cognito: 'CognitoIdentityProviderClient', pool: str) -> int:
    described = cognito.describe_user_pool(UserPoolId=pool)['UserPool']
    policy = described.get('Policies', {}).get('PasswordPolicy', {})
    return policy.get('MinimumLength', _USUAL_LENGTH)


def generate_password(minimum_length: int) -> str:
    """Return a random password of every kind of character that a policy can ask for."""
    length = max(minimum_length, _USUAL_LENGTH)
    characters = [secrets.choice(kind) for kind in _KINDS]
    characters += [secrets.choice(''.join(_KINDS)) for _ in range(length - len(_KINDS))]
    secrets.SystemRandom().shuffle(characters)
    return ''.join(characters)
