"""The people of a user pool as moto holds them: names, passwords, groups and attributes."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC
from secrets import compare_digest

from moto.cognitoidp.models import CognitoIdpGroup, CognitoIdpUser, UserStatus

from emulator.cognito.user_pool import SCOPE_ATTRIBUTES, AppClient, UserPool

Person = CognitoIdpUser

# https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
_CHARACTER_RULES = (
    ('RequireLowercase', 'a lowercase letter', '[a-z]'),
    ('RequireUppercase', 'an uppercase letter', '[A-Z]'),
    ('RequireNumbers', 'a number', '[0-9]'),
    ('RequireSymbols', 'a symbol such as ! or #', r'[\^$*.\[\]{}()?"!@#%&/\\,><\':;|_~`=+\- ]'),
)
_MAX_PASSWORD_CHARACTERS = 256
_SECONDS_A_DAY = 86400


class SignInRefused(Exception):
    """The person may not sign in; the message is for them."""


def find(pool: UserPool, name: str) -> Person | None:
    """Return the person who signs in by that name, be it their username, e-mail or phone."""
    settings = pool.extended_config
    attributes = [*settings.get('UsernameAttributes', []), *settings.get('AliasAttributes', [])]
    is_case_sensitive = settings.get('UsernameConfiguration', {}).get('CaseSensitive', True)
    fold: Callable[[str], str] = str if is_case_sensitive else str.casefold
    for person in list(pool.users.values()):
        names = [person.username, *(person.attribute_lookup.get(a) for a in attributes)]
        if fold(name) in map(fold, filter(None, names)):
            return person
    return None


def sign_in(pool: UserPool, name: str, password: str, now: float) -> Person:
    """Return the person whom name and password belong to.

    Raises SignInRefused. Its message says the person's state only where the password is right: with
    a wrong password it is the same as with an unknown name.
    """
    person = find(pool, name)
    expected = person.password if person and person.password else ''
    # Compared for nobody as well, so that an unknown name takes as long.
    is_right = compare_digest(expected.encode(), password.encode())
    if not person or not expected or not is_right:
        raise SignInRefused('Incorrect username or password.')
    if not person.enabled:
        raise SignInRefused('User is disabled.')
    if person.status == UserStatus.UNCONFIRMED:
        raise SignInRefused('User is not confirmed.')
    if person.status == UserStatus.RESET_REQUIRED:
        raise SignInRefused('Password reset required. Ask an administrator for a new password.')
    if needs_new_password(person) and _has_expired(pool, person, now):
        raise SignInRefused('Temporary password has expired and must be reset by an administrator.')
    return person


def needs_new_password(person: Person) -> bool:
    """Tell whether the person still has the temporary password that an administrator set."""
    return person.status == UserStatus.FORCE_CHANGE_PASSWORD


def may_have_tokens(pool: UserPool, person: Person) -> bool:
    """Tell whether the person is still there, enabled and confirmed."""
    is_there = pool.users.get(person.username) is person
    return is_there and person.enabled and person.status == UserStatus.CONFIRMED


def set_password(person: Person, password: str) -> None:
    """Give the person the password of their choice, which confirms them."""
    person.password = password
    person.status = UserStatus.CONFIRMED


def password_rules(pool: UserPool) -> list[str]:
    """Return what the pool's policy asks of a password, in words for the person."""
    return [rule for rule, _ in _policy(pool, '')]


def unmet_rules(pool: UserPool, password: str) -> list[str]:
    """Return what a password needs and lacks, in words for the person."""
    always = [
        (
            f'at most {_MAX_PASSWORD_CHARACTERS} characters',
            len(password) <= _MAX_PASSWORD_CHARACTERS,
        ),
        ('no space at the start or the end', password == password.strip()),
    ]
    return [rule for rule, is_met in [*_policy(pool, password), *always] if not is_met]


def groups(person: Person) -> list[CognitoIdpGroup]:
    """Return the person's groups, the one with precedence first."""
    lowest = float('inf')
    return sorted(
        person.groups,
        key=lambda g: (lowest if g.precedence is None else g.precedence, g.group_name),
    )


def attributes(client: AppClient, person: Person, scope: str) -> dict[str, str]:
    """Return the attributes that a client reads with a scope; openid alone gives them all."""
    return dict(_attributes(client, person, set(scope.split())))


def _attributes(client: AppClient, person: Person, scopes: set[str]) -> Iterator[tuple[str, str]]:
    named = [SCOPE_ATTRIBUTES[scope] for scope in sorted(scopes) if scope in SCOPE_ATTRIBUTES]
    reads_all = 'profile' in scopes or not named
    for name, value in person.attribute_lookup.items():
        if client.can_read(name) and (reads_all or name == 'sub' or name in set().union(*named)):
            yield name, str(value)


def _has_expired(pool: UserPool, person: Person, now: float) -> bool:
    policy = pool.extended_config.get('Policies', {}).get('PasswordPolicy', {})
    days = int(policy.get('TemporaryPasswordValidityDays') or 7)
    return now > person.create_date.replace(tzinfo=UTC).timestamp() + days * _SECONDS_A_DAY


def _policy(pool: UserPool, password: str) -> Iterator[tuple[str, bool]]:
    """Yield each rule of the pool, and whether a password keeps it."""
    policy = pool.extended_config.get('Policies', {}).get('PasswordPolicy', {})
    minimum = int(policy.get('MinimumLength') or 8)
    yield f'at least {minimum} characters', len(password) >= minimum
    for setting, rule, pattern in _CHARACTER_RULES:
        # Unset means required, as it does where moto checks a password that the API sets.
        if policy.get(setting, True):
            yield rule, bool(re.search(pattern, password))
