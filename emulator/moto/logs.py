"""Saved queries of CloudWatch Logs, which moto has not.

The functions are methods of moto's LogsResponse while the emulator runs.
"""

import time
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

_MEMBERS = ('name', 'queryString', 'logGroupNames', 'queryLanguage', 'parameters')


def put_query_definition(response: LogsResponse) -> ActionResult:
    """Save a query, or change the one that is named."""
    queries = _queries(response)
    query_id = response._get_param('queryDefinitionId')
    if query_id and query_id not in queries:
        raise ResourceNotFoundException('The query definition does not exist.')
    query_id = query_id or str(uuid.uuid4())
    given = {name: response._get_param(name) for name in _MEMBERS}
    queries[query_id] = {
        **{name: value for name, value in given.items() if value is not None},
        'queryDefinitionId': query_id,
        'lastModified': int(time.time() * 1000),
    }
    return ActionResult({'queryDefinitionId': query_id})


def describe_query_definitions(response: LogsResponse) -> ActionResult:
    """Return the saved queries whose names begin so."""
    prefix = response._get_param('queryDefinitionNamePrefix') or ''
    found = [query for query in _queries(response).values() if query['name'].startswith(prefix)]
    return ActionResult({'queryDefinitions': found})


def delete_query_definition(response: LogsResponse) -> ActionResult:
    """Delete a saved query."""
    if not _queries(response).pop(response._get_param('queryDefinitionId'), None):
        raise ResourceNotFoundException('The query definition does not exist.')
    return ActionResult({'success': True})


def _queries(response: LogsResponse) -> dict[str, dict[str, Any]]:
    queries: dict[str, dict[str, Any]] = vars(response.logs_backend).setdefault(
        'query_definitions', {}
    )
    return queries


METHODS = (put_query_definition, describe_query_definitions, delete_query_definition)
