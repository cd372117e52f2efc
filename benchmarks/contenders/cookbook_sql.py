"""SQL as OpenAI's cookbook has it: all rows, a temporary file, and that in base64 in the answer.

https://cookbook.openai.com/examples/chatgpt/gpt_actions_library/gpt_action_redshift

There the rows come through psycopg2, from a database within reach of the function; here through the
Data API, which is what the emulator has.
"""

import base64
import csv
import io
import json
import os
import tempfile
from typing import Any

import boto3

data_api = boto3.client('redshift-data')


def execute_statement(sql_statement: str) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns and all rows."""
    statement_id = data_api.execute_statement(
        WorkgroupName=os.environ['REDSHIFT_WORKGROUP_NAME'],
        Database=os.environ['REDSHIFT_DATABASE'],
        Sql=sql_statement,
        ResultFormat='CSV',
    )['Id']
    while data_api.describe_statement(Id=statement_id, WaitTimeSeconds=30)['Status'] != 'FINISHED':
        pass
    rows: list[list[str]] = []
    pages = data_api.get_paginator('get_statement_result_v2').paginate(Id=statement_id)
    for page in pages:
        for record in page['Records']:
            rows += csv.reader(io.StringIO(record['CSVRecords'], newline=''))
    return rows[0], rows[1:]


def app(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer API Gateway."""
    columns, rows = execute_statement(json.loads(event['body'])['sql_statement'])
    with tempfile.NamedTemporaryFile('w', delete=False, suffix='.csv', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    with open(file.name, 'rb') as written:  # noqa: PTH123
        content = base64.b64encode(written.read()).decode()
    os.remove(file.name)  # noqa: PTH107
    answer = {
        'openaiFileResponse': [
            {'name': 'query_result.csv', 'mime_type': 'text/csv', 'content': content}
        ]
    }
    return {
        'statusCode': 200,
        'headers': {'Content-Type': 'application/json'},
        'body': json.dumps(answer),
    }
