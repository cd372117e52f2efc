"""People who may sign in, created with a temporary password."""

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.cognito import people, user_pool
from emulator.sample.data import EMAIL, POOL_ID, TEMPORARY_PASSWORD
from emulator.server import Emulator
from ops.people.user import generate_password
from tests.support.stages.ops_commands import cognito, local_stage, ops

JOE = 'joe@example.com'


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with local_stage() as emulator:
        yield emulator


def person(emulator: Emulator, email: str) -> dict[str, Any]:
    """Return what the pool knows of a person."""
    found = cognito(emulator).admin_get_user(UserPoolId=POOL_ID, Username=email)
    attributes = {each['Name']: each.get('Value') for each in found['UserAttributes']}
    return {'status': found['UserStatus'], **attributes}


def is_password(email: str, password: str) -> bool:
    """Tell whether the person signs in with that password, on the sign-in page too."""
    pool = user_pool.find_pool(POOL_ID)
    assert pool
    try:
        return bool(people.sign_in(pool, email, password, 0))
    except people.SignInRefused:
        return False


def test_person_signs_in_with_the_password_that_is_printed(emulator: Emulator) -> None:
    result = ops('user', 'add', JOE)

    said, _, password = result.stdout.rstrip('\n').rpartition(': ')
    assert (result.exit_code, said) == (0, f'{JOE} may sign in with the temporary password')
    assert is_password(JOE, password)
    joe = person(emulator, JOE)
    assert (joe['status'], joe['email_verified']) == ('FORCE_CHANGE_PASSWORD', 'true')


@pytest.mark.usefixtures('emulator')
def test_password_can_be_chosen() -> None:
    result = ops('user', 'add', JOE, '--temporary-password', 'Chosen-One-1')

    assert result.stdout == f'{JOE} may sign in with the temporary password: Chosen-One-1\n'
    assert is_password(JOE, 'Chosen-One-1')


@pytest.mark.usefixtures('emulator')
def test_nothing_changes_for_a_person_who_is_there() -> None:
    result = ops('user', 'add', EMAIL, '--temporary-password', 'Another-One-1')

    assert result.exit_code == 0
    assert f'{EMAIL} is there already and has not yet signed in' in result.stdout
    assert 'run this again with --reset' in result.stdout
    assert 'Another-One-1' not in result.output
    assert is_password(EMAIL, TEMPORARY_PASSWORD)


def test_says_how_a_person_is_who_is_there(emulator: Emulator) -> None:
    admin = cognito(emulator)
    admin.admin_set_user_password(
        UserPoolId=POOL_ID, Username=EMAIL, Password='Their-own-1', Permanent=True
    )
    admin.admin_disable_user(UserPoolId=POOL_ID, Username=EMAIL)

    result = ops('user', 'add', EMAIL)

    assert 'is there already and has a password of their own' in result.stdout
    assert 'The account is disabled' in result.stdout


@pytest.mark.parametrize('permanent', [False, True])
def test_reset_sets_a_new_temporary_password(emulator: Emulator, *, permanent: bool) -> None:
    cognito(emulator).admin_set_user_password(
        UserPoolId=POOL_ID, Username=EMAIL, Password='Forgotten-1', Permanent=permanent
    )

    result = ops('user', 'add', EMAIL, '--reset')

    assert result.exit_code == 0
    assert is_password(EMAIL, result.stdout.split()[-1])
    assert not is_password(EMAIL, 'Forgotten-1')
    assert person(emulator, EMAIL)['status'] == 'FORCE_CHANGE_PASSWORD'


@pytest.mark.usefixtures('emulator')
def test_says_what_cognito_has_against_an_email() -> None:
    result = ops('user', 'add', 'joe')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'AdminCreateUser: Username should be either an email' in result.stderr


@pytest.mark.usefixtures('emulator')
def test_says_what_cognito_has_against_a_password() -> None:
    result = ops('user', 'add', EMAIL, '--reset', '--temporary-password', 'weak')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'password policy (InvalidPasswordException)' in result.stderr
    assert is_password(EMAIL, TEMPORARY_PASSWORD)


def test_generated_password_meets_the_policy(emulator: Emulator) -> None:
    cognito(emulator).update_user_pool(
        UserPoolId=POOL_ID, Policies={'PasswordPolicy': {'MinimumLength': 40}}
    )

    password = ops('user', 'add', JOE).stdout.split()[-1]

    pool = user_pool.find_pool(POOL_ID)
    assert pool
    assert people.unmet_rules(pool, password) == []
    assert len(password) == 40


def test_generated_passwords_differ() -> None:
    assert len({generate_password(8) for _ in range(100)}) == 100
    assert {len(generate_password(8)) for _ in range(10)} == {16}
