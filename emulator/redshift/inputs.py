"""The rules for requests to the Data API that its service model does not state."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from emulator.redshift.aws_json import ServiceError
from emulator.redshift.functions.system import DB_USER
from emulator.redshift.statements import TARGET
from emulator.redshift.translation import placeholders

MAX_SQL_BYTES = 100_000

Json = dict[str, Any]
_Item = TypeVar('_Item')


def invalid(message: str) -> NoReturn:
    """Refuse a request."""
    raise ServiceError('ValidationException', message)


def check_target(request: Mapping[str, Any]) -> None:
    """Check what a request connects to, and as whom."""
    if 'ClusterIdentifier' in request and 'WorkgroupName' in request:
        invalid('Only one of ClusterIdentifier and WorkgroupName can be provided.')
    if 'ClusterIdentifier' not in request and 'WorkgroupName' not in request:
        invalid('Either ClusterIdentifier, WorkgroupName or SessionId must be provided.')
    if not request.get('Database'):
        invalid('Database must be provided.')
    if 'WorkgroupName' in request and 'DbUser' in request:
        invalid('DbUser can not be provided with WorkgroupName.')
    if 'SecretArn' in request and 'DbUser' in request:
        invalid('Only one of SecretArn and DbUser can be provided.')


def target(request: Mapping[str, Any]) -> Json:
    """Return what a request connects to, and as whom, as answers repeat it."""
    found = {name: request[name] for name in TARGET if name in request}
    return found if 'SecretArn' in found else {'DbUser': DB_USER} | found


def check_sql(request: Mapping[str, Any]) -> None:
    """Check the statements of a request and their parameters."""
    sqls = request['Sqls'] if 'Sqls' in request else [request['Sql']]
    for sql in sqls:
        if not sql.strip():
            invalid('Sql must not be empty.')
        if len(sql.encode()) > MAX_SQL_BYTES:
            invalid(f'Sql must be at most {MAX_SQL_BYTES} bytes.')
    given = [parameter['name'] for parameter in request.get('Parameters', ())]
    if len(given) != len(set(given)):
        invalid('Parameters list contains duplicate parameters.')
    used = set().union(*map(placeholders, sqls)) if given else set()
    unused = [name for name in given if name not in used]
    if unused:
        invalid(
            f'Parameters list contains unused parameters. Unused parameters: [{", ".join(unused)}]'
        )


def page(
    items: Sequence[Any], request: Mapping[str, Any], limit: int
) -> tuple[Sequence[Any], Json]:
    """Return a page of a list, and the NextToken of the next if there is one."""
    start = read_token(request, 'list')
    end = start + min(request.get('MaxResults') or limit, limit)
    return items[start:end], next_token('list', end) if end < len(items) else {}


def next_token(of: str, number: int) -> Json:
    """Return the NextToken that stands for a place in a list or result."""
    return {'NextToken': urlsafe_b64encode(json.dumps([of, number]).encode()).decode()}


def read_token(request: Mapping[str, Any], of: str) -> int:
    """Read a NextToken; the start without one."""
    if not request.get('NextToken'):
        return 0
    try:
        owner, number = json.loads(urlsafe_b64decode(request['NextToken'].encode()))
    except (TypeError, ValueError):
        owner, number = None, 0
    if owner != of or not isinstance(number, int) or number < 0:
        invalid('Invalid pagination token.')
    return number
