"""The least that can answer: what Lambda and Python cost by themselves."""

import json
from typing import Any


def app(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer API Gateway."""
    body = json.dumps({'success': True})
    return {'statusCode': 200, 'headers': {'Content-Type': 'application/json'}, 'body': body}
