"""What it costs to reach AWS as the person who calls, and not as the function itself."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import table
from emulator.server import run_in_thread
from ops.stage import json_file

CONFIG = Path(__file__).parent.parent / '.chalice' / 'config.json'
WAYS = {'as the function': {'PERSON_ROLE_ARN': ''}, 'as the person': {}}

# Has a client of S3 made as a call does, and so often again; prints both times. boto3 is there.
_PROGRAM = """
import json, statistics, sys, time
sys.path.insert(0, sys.argv[1])
import boto3
from chalicelib import observability
from chalicelib.identity import Caller
from chalicelib.person import aws
sub, groups = '1c8f3c52-7d0e-4b6a-9a35-52c1d7f0e6a1', ('sales', 'europe')
caller = Caller(sub, 'jane', 'client', frozenset(), groups)
observability._current_call.set(observability.Call(None, caller=caller))
boto3.client('sqs')
def milliseconds():
    started = time.perf_counter()
    aws.client('s3')
    return (time.perf_counter() - started) * 1000
cold = milliseconds()
print(json.dumps([cold, statistics.median(milliseconds() for _ in range(1000))]))
"""


class Times(NamedTuple):
    """Milliseconds until the first client is there, and until it is again."""

    cold: float
    warm: float


def measure(this_app: Path, runs: int) -> dict[str, Times]:
    """Return the medians of so many processes each, AWS being the emulator."""
    stage = json_file.read(CONFIG)['stages']['local']['environment_variables']
    found: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    with run_in_thread() as emulator:
        aws = {
            'AWS_ENDPOINT_URL': emulator.url,
            'AWS_DEFAULT_REGION': 'us-east-1',
            'AWS_ACCESS_KEY_ID': 'benchmark',
            'AWS_SECRET_ACCESS_KEY': 'benchmark',
        }
        for _ in range(runs):
            for way, settings in WAYS.items():
                done = subprocess.run(
                    [sys.executable, '-c', _PROGRAM, str(this_app)],
                    env=os.environ | stage | aws | settings,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                found[way].append(json.loads(done.stdout))
    return {
        way: Times(*(statistics.median(each) for each in zip(*times, strict=True)))
        for way, times in found.items()
    }


def as_markdown(times: Mapping[str, Times]) -> str:
    """Return the table of what was measured."""
    rows = [[way, f'{each.cold:.3g} ms', f'{each.warm:.3g} ms'] for way, each in times.items()]
    return table([['a client of S3', 'the first', 'later ones'], *rows]) + '\n'
