"""The same CSV from the Data API to S3, as it comes: what moving the bytes costs by itself.

No row is looked for, no progress kept, nothing answered but how much was copied.
"""

import os
from typing import Any

import boto3

FILE_BYTES, MAX_FILES = 10_000_000, 10

data_api, s3 = boto3.client('redshift-data'), boto3.client('s3')


def app(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Copy the result of a statement that has finished."""
    data, files = bytearray(), 0
    token: dict[str, Any] = {}
    while files < MAX_FILES:
        page = data_api.get_statement_result_v2(Id=event['statement_id'], **token)
        for record in page['Records']:
            data += record['CSVRecords'].encode()
        token = {'NextToken': page['NextToken']} if 'NextToken' in page else {}
        if len(data) >= FILE_BYTES or not token:
            s3.put_object(
                Bucket=os.environ['RESULTS_BUCKET_NAME'],
                Key=f'{event["prefix"]}/{files}',
                Body=bytes(data[:FILE_BYTES]),
            )
            del data[:FILE_BYTES]
            files += 1
        if not token:
            break
    return {'files': files}
