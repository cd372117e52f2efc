"""AWS as the signed-in person: a role that is assumed for each caller.

The session is named after the person and carries who they are as tags, which the role's policy
binds resources to. Groups do not fit into tags: of what the role allows to groups, a policy of the
session leaves what is the person's. docs/security.md has the whole of it.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import Any, NamedTuple

import msgspec

from chalicelib.errors import NotSetUp, PersonRefused, TooManyGroups
from chalicelib.identity import Caller
from chalicelib.person import rights

MAX_SESSIONS = 32
# A session that a role assumes itself lasts an hour at most, and a Lambda function has a role's:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
SESSION_SECONDS = 3_600
# A presigned URL dies with the credentials that signed it.
MIN_SECONDS_LEFT = 600
MAX_POLICY_CHARACTERS = 2_048

# It becomes a session's name, a tag, and a folder. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_SUB = re.compile(r'[0-9A-Za-z][0-9A-Za-z_.-]{1,63}')

Client = Any
# Makes the client of a service, with credentials as boto3 names them.
MakeClient = Callable[..., Client]


class Person(NamedTuple):
    """All that a session is made of: equal ones may use the same session, others never."""

    role_arn: str
    sub: str
    owner: str
    policy: str | None


def of(caller: Caller, role_arn: str) -> Person:
    """Return what the role is assumed with for a caller.

    Raises PersonRefused when their `sub` can't name a session, and TooManyGroups when the policy
    gets longer than AWS takes.
    """
    if not _SUB.fullmatch(caller.sub):
        raise PersonRefused
    policy = _policy(caller, role_arn.split(':')[1])
    if policy and len(policy) > MAX_POLICY_CHARACTERS:
        raise TooManyGroups(len(caller.groups_that_count))
    if policy and not policy.isascii():
        raise NotSetUp('IAM takes DOCUMENTS_PREFIXES and RECORDS_KEYS in ASCII only')
    return Person(role_arn, caller.sub, caller.owner, policy)


class _Session:
    """Credentials of a person, and the clients that have been made with them."""

    def __init__(self, credentials: dict[str, Any]) -> None:
        self.expires_at: float = credentials['Expiration'].timestamp()
        self.keys = {
            'aws_access_key_id': credentials['AccessKeyId'],
            'aws_secret_access_key': credentials['SecretAccessKey'],
            'aws_session_token': credentials['SessionToken'],
        }
        self.clients: dict[str, Client] = {}


class Sessions:
    """The sessions of the people who called last, each with its own clients."""

    def __init__(self, make: MakeClient, clock: Callable[[], float] = time.time) -> None:
        self._make = make
        self._clock = clock
        self._sessions: OrderedDict[Person, _Session] = OrderedDict()
        self._sts: Client = None
        self._lock = RLock()

    def client(self, person: Person, service: str) -> Client:
        """Return a person's client of an AWS service, good for ten minutes at least."""
        with self._lock:
            session = self._session(person)
            if service not in session.clients:
                session.clients[service] = self._make(service, **session.keys)
            return session.clients[service]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._sessions.clear()
            self._sts = None

    def _session(self, person: Person) -> _Session:
        session = self._sessions.pop(person, None)
        if session is None or session.expires_at - self._clock() < MIN_SECONDS_LEFT:
            session = _Session(self._assumed(person))
        self._sessions[person] = session
        if len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def _assumed(self, person: Person) -> dict[str, Any]:
        self._sts = self._sts or self._make('sts')
        assumed = self._sts.assume_role(
            RoleArn=person.role_arn,
            RoleSessionName=person.sub,
            SourceIdentity=person.sub,
            Tags=[{'Key': 'sub', 'Value': person.sub}, {'Key': 'owner', 'Value': person.owner}],
            DurationSeconds=SESSION_SECONDS,
            **({'Policy': person.policy} if person.policy else {}),
        )
        credentials: dict[str, Any] = assumed['Credentials']
        return credentials


def _policy(caller: Caller, partition: str) -> str | None:
    """Return the policy that keeps a caller to their groups, or None where groups mean nothing.

    All that is no group's is left to the role: its tags say whose that is.
    """
    narrowed = rights.narrowed(caller, partition)
    if not narrowed:
        return None
    actions = [action for each in narrowed for action in each.actions]
    statements: list[dict[str, Any]] = [
        {'NotAction': actions, 'Resource': '*'},
        *(statement for each in narrowed for statement in each.statements),
    ]
    allowed = [{'Effect': 'Allow', **each} for each in statements]
    return msgspec.json.encode({'Version': '2012-10-17', 'Statement': allowed}).decode()
