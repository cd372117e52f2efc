"""The two services that SQL results move between, in a process of their own.

Only so is what is measured the function's memory and nothing else. `python -m benchmarks.services
SCALE` serves a shop of that scale and S3, prints their two addresses and ends with its input.
"""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer
from werkzeug.serving import WSGIRequestHandler, make_server

from emulator.redshift.endpoint import RedshiftData

BUCKET = 'results'
DATABASE = {'WorkgroupName': 'shop', 'Database': 'dev'}
# The tables hold 2,490 order lines for each step of the scale.
_LINES_PER_SCALE = 2_400


class StatementFailed(RuntimeError):
    """Redshift did not run a statement; its words are the message."""


class Services(NamedTuple):
    """Clients of both services."""

    data_api: Any
    s3: Any

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which a function finds them."""
        return {
            'AWS_ACCESS_KEY_ID': 'benchmark',
            'AWS_SECRET_ACCESS_KEY': 'benchmark',
            'AWS_REGION': 'us-east-1',
            'AWS_DEFAULT_REGION': 'us-east-1',
            'AWS_ENDPOINT_URL_REDSHIFT_DATA': self.data_api.meta.endpoint_url,
            'AWS_ENDPOINT_URL_S3': self.s3.meta.endpoint_url,
            'REDSHIFT_WORKGROUP_NAME': DATABASE['WorkgroupName'],
            'REDSHIFT_DATABASE': DATABASE['Database'],
            'RESULTS_BUCKET_NAME': BUCKET,
        }

    def finished_statement(self, sql: str) -> str:
        """Execute a query as the app does, second in a batch; return its id when it has ended."""
        statement_id = self.data_api.batch_execute_statement(
            Sqls=['SELECT 1', sql], ResultFormat='CSV', **DATABASE
        )['Id']
        status = ''
        while status != 'FINISHED':
            described = self.data_api.describe_statement(Id=statement_id, WaitTimeSeconds=30)
            status = described['Status']
            if status in ('ABORTED', 'FAILED'):
                raise StatementFailed(described.get('Error', status))
        return str(statement_id)

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the size in bytes of each object whose key begins so."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get('Contents', [])
        return {entry['Key']: entry['Size'] for entry in found}

    def read(self, key: str) -> bytes:
        """Return the content of an object."""
        content: bytes = self.s3.get_object(Bucket=BUCKET, Key=key)['Body'].read()
        return content


@contextmanager
def running(rows: int) -> Iterator[Services]:
    """Run the services with so many order lines at least, until the context ends."""
    scale = rows // _LINES_PER_SCALE + 1
    command = [sys.executable, '-m', 'benchmarks.services', str(scale)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        data_url, s3_url = process.stdout.readline().split()
        services = Services(_client('redshift-data', data_url), _client('s3', s3_url))
        services.s3.create_bucket(Bucket=BUCKET)
        yield services
        process.communicate()


def _client(service: Any, url: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name='us-east-1',
        aws_access_key_id='benchmark',
        aws_secret_access_key='benchmark',
        config=Config(read_timeout=600, retries={'total_max_attempts': 1}),
    )


class _Silent(WSGIRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_request(self, *_: object, **__: object) -> None:
        """Log nothing."""


def main(scale: int) -> None:
    """Serve until the input ends."""
    logging.getLogger('werkzeug').setLevel(logging.ERROR)
    redshift_data = RedshiftData(scale=scale)
    server = make_server('localhost', 0, redshift_data, threaded=True, request_handler=_Silent)
    Thread(target=server.serve_forever, daemon=True).start()
    moto = ThreadedMotoServer(ip_address='localhost', port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    print(f'http://localhost:{server.port} http://{host}:{port}', flush=True)
    sys.stdin.read()
    moto.stop()
    server.shutdown()
    redshift_data.close()


if __name__ == '__main__':
    main(int(sys.argv[1]))
