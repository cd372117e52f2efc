"""The people who may sign in at the start, whom the sample data knows by the ids given here."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from moto.cognitoidp.models import CognitoIdpUserPool
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class SamplePerson(NamedTuple):
    """Somebody who may sign in. Cognito makes up the ``sub`` of people; theirs are always the same.

    So rows in a database can be theirs at every start.
    """

    email: str
    sub: str
    groups: tuple[str, ...]


JANE = SamplePerson('jane@example.com', '1c8f3c52-7d0e-4b6a-9a35-52c1d7f0e6a1', ('sales', 'europe'))
OMAR = SamplePerson('omar@example.com', '8e2d9b04-3f6c-4c1d-8b7e-0a94b6c25d32', ('finance',))
PEOPLE = (JANE, OMAR)
TEMPORARY_PASSWORD = 'TempPassword123!'  # noqa: S105  made up, and good on this machine only


def create(cognito: 'CognitoIdentityProviderClient', pool: 'CognitoIdpUserPool') -> None:
    """Create them and their groups in a pool where people sign in by e-mail address."""
    for person in PEOPLE:
        made_up = cognito.admin_create_user(
            UserPoolId=pool.id,
            Username=person.email,
            UserAttributes=[{'Name': 'email_verified', 'Value': 'true'}],
            TemporaryPassword=TEMPORARY_PASSWORD,
            MessageAction='SUPPRESS',
        )['User']['Username']
        user = pool.users[person.sub] = pool.users.pop(made_up)
        user.id = user.username = person.sub
        user.update_attributes([{'Name': 'sub', 'Value': person.sub}])
        for group in person.groups:
            cognito.create_group(UserPoolId=pool.id, GroupName=group)
            cognito.admin_add_user_to_group(
                UserPoolId=pool.id, Username=person.sub, GroupName=group
            )
