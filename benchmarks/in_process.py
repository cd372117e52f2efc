"""Print how many microseconds a call of ``app.app`` takes, run in the folder of an unpacked zip.

    python in_process.py event.json CALLS

A program of its own: it imports the zip and the standard library alone. It prints to standard
error, because the function writes its log to standard output.
"""

import json
import statistics
import sys
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

WARM_UP_CALLS = 200

sys.path[0] = str(Path.cwd())
app = import_module('app').app
event = Path(sys.argv[1]).read_text()


def call_us() -> float:
    """Return the time of one call, which has an event of its own as it has from Lambda."""
    decoded, context = json.loads(event), SimpleNamespace(aws_request_id='a-request')
    started = time.perf_counter_ns()
    app(decoded, context)
    return (time.perf_counter_ns() - started) / 1000


times = [call_us() for _ in range(WARM_UP_CALLS + int(sys.argv[2]))]
print(statistics.median(times[WARM_UP_CALLS:]), file=sys.stderr)
