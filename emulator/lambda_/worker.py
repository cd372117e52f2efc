"""A function's process: one event after another comes in, and an answer to each goes out.

It runs without the project and without the virtual environment, so it imports nothing but the
standard library: what the function can import is its own, and what Lambda has beside it.
"""

import json
import os
import sys
import time
import traceback
from importlib import import_module
from typing import Any


class Context:
    """What a function can ask about its call."""

    function_version = '$LATEST'
    identity = client_context = None

    def __init__(self, function: dict[str, Any], request_id: str, deadline: float) -> None:
        self.function_name = function['name']
        self.invoked_function_arn = function['arn']
        self.memory_limit_in_mb = str(function['memory_mb'])
        self.log_group_name = f'/aws/lambda/{function["name"]}'
        self.log_stream_name = time.strftime('%Y/%m/%d/[$LATEST]') + request_id.replace('-', '')
        self.aws_request_id = request_id
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still take."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Serve until there is no event any more."""
    function = json.loads(sys.argv[1])
    sys.path[:] = [function['task_root'], *sys.path, function['runtime']]
    answers = os.fdopen(function['answers'], 'wb')
    events = sys.stdin.buffer
    module, _, name = function['handler'].rpartition('.')
    handler = getattr(import_module(module.replace('/', '.')), name)
    for line in events:
        call = json.loads(line)
        context = Context(function, call['request_id'], call['deadline'])
        try:
            answer = json.dumps({'answer': handler(call['event'], context)})
        except Exception:
            traceback.print_exc()
            answer = json.dumps({'failed': True})
        answers.write(answer.encode() + b'\n')
        answers.flush()


if __name__ == '__main__':
    main()
