"""Roles that are assumed: what moto takes and forgets is checked, and kept with the session.

The function is a method of moto's TokenResponse while the emulator runs. Rests on moto 5.2.
"""

import json
import re
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.sts.responses import TokenResponse
from werkzeug.exceptions import HTTPException

from emulator.iam.calls import Identity
from emulator.iam.policy import Permission, all_allow, allows

MAX_POLICY_CHARACTERS = 2_048

_NAME = re.compile(r'[\w+=,.@-]{2,64}', re.ASCII)
_TAG = re.compile(r'[\w \u00a0-\U0010ffff.:/=+\-@]{0,256}')
_moto_assume_role = TokenResponse.assume_role


class Refused(HTTPException):
    """STS does not do what it is asked, and says why."""

    def __init__(self, status: int, error: str, message: str) -> None:
        self.code = status
        told = f'<Type>Sender</Type><Code>{error}</Code><Message>{escape(message)}</Message>'
        super().__init__(f'<ErrorResponse><Error>{told}</Error></ErrorResponse>')

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:  # noqa: ARG002
        return [('Content-Type', 'text/xml')]


def assume_role(response: TokenResponse) -> ActionResult:
    """Assume a role if its trust policy lets one with such a name, identity and tags."""
    given = {
        name: response._get_param(name) for name in ('RoleArn', 'RoleSessionName', 'SourceIdentity')
    }
    tags = {each['Key']: each['Value'] for each in response._get_param('Tags') or []}
    policy = response._get_param('Policy')
    for name in ('RoleSessionName', 'SourceIdentity'):
        if given[name] is not None and not _NAME.fullmatch(given[name]):
            raise _not_valid(f'{given[name]!r} at {name} failed to satisfy constraint')
    if not all(_TAG.fullmatch(text) for tag in tags.items() for text in tag):
        raise _not_valid('A tag failed to satisfy constraint')
    if policy and len(policy) > MAX_POLICY_CHARACTERS:
        raise _not_valid("'policy' failed to satisfy constraint: at most 2048 characters")
    _check_trust(given, tags)
    answer = _moto_assume_role(response)
    result: Any = answer.result
    vars(result['Credentials']).update(tags=tags)
    return ActionResult({**result, 'SourceIdentity': given['SourceIdentity']})


class Session:
    """A role's session, by the access key that its requests are signed with."""

    def __init__(self, assumed: AssumedRole) -> None:
        self._assumed = assumed

    @property
    def is_over(self) -> bool:
        """Whether its credentials have expired."""
        return self._assumed.expiration < utcnow()

    @property
    def identity(self) -> Identity:
        """What IAM knows of it."""
        tags: dict[str, str] = getattr(self._assumed, 'tags', {})
        known = {
            'aws:userid': self._assumed.user_id,
            'aws:PrincipalArn': self._assumed.role_arn,
            'aws:SecureTransport': 'true',  # as AWS would be asked
            **{f'aws:PrincipalTag/{key}': value for key, value in tags.items()},
        }
        return Identity(self._assumed.account_id, self._assumed.region_name, known)

    def may(self, asked: Permission) -> bool:
        """Tell whether the role's policies allow it, and so does the session's own if it has one.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
        """
        try:
            role = _role(self._assumed.role_arn)
        except NotFoundException:
            return False
        managed: list[Any] = list(role.managed_policies.values())
        versions = [version for each in managed for version in each.versions if version.is_default]
        documents = [*role.policies.values(), *(each.document for each in versions)]
        own = self._assumed.policy
        return all_allow([_read(each) for each in documents], asked) and (
            not own or allows(_read(own), asked)
        )


def of_access_key(access_key_id: str) -> Session | None:
    """Return the session that an access key is of, if it is one's."""
    for account in sts_backends.values():
        for backend in account.values():
            if assumed := backend.get_assumed_role_from_access_key(access_key_id):
                return Session(assumed)
    return None


def _check_trust(given: dict[str, Any], tags: dict[str, str]) -> None:
    """Hold what is asked to the role's trust policy, each action by itself.

    Who asks is not known here: an access key that the emulator did not hand out may be anybody's.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    try:
        trust = _read(_role(given['RoleArn']).assume_role_policy_document)
    except NotFoundException:
        raise _denied('sts:AssumeRole') from None
    tagged: dict[str, Any] = {f'aws:RequestTag/{key}': value for key, value in tags.items()}
    if tags:
        tagged['aws:TagKeys'] = list(tags)
    identified = {'sts:SourceIdentity': given['SourceIdentity']} if given['SourceIdentity'] else {}
    named = {'sts:RoleSessionName': given['RoleSessionName']}
    asked = [('sts:AssumeRole', {**tagged, **identified, **named})]
    if tags:
        asked.append(('sts:TagSession', tagged))
    if identified:
        asked.append(('sts:SetSourceIdentity', {**tagged, **identified}))
    by_anybody = _without_principal(trust)
    for action, circumstances in asked:
        if not allows(by_anybody, Permission(action, given['RoleArn'], circumstances)):
            raise _denied(action)


def _denied(action: str) -> Refused:
    return Refused(403, 'AccessDenied', f'User is not authorized to perform: {action}')


def _not_valid(problem: str) -> Refused:
    return Refused(400, 'ValidationError', problem)


def _without_principal(trust: dict[str, Any]) -> dict[str, Any]:
    """Return a trust policy that no longer asks which of the account's roles it is."""
    statements = []
    for statement in trust['Statement']:
        if 'AWS' not in statement.get('Principal', {}):
            continue
        conditions = {
            operator: {key: value for key, value in keys.items() if key != 'aws:PrincipalArn'}
            for operator, keys in statement.get('Condition', {}).items()
        }
        statements.append({**statement, 'Condition': conditions})
    return {**trust, 'Statement': statements}


def _role(arn: str) -> Role:
    account = arn.split(':')[4]
    return iam_backends[account]['aws'].get_role_by_arn(arn)


@cache
def _read(document: str) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(document)
    return policy


METHODS = (assume_role,)
