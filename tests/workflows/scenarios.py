"""Workflows in every front."""

from tests.support.every_operation import ask
from tests.support.scenario import Scenario


def _once_more() -> None:
    """Start a workflow, and once more under the same request_id."""
    for _ in range(2):
        ask('POST', '/workflows', {'input_json': '{"quantity": 2}', 'request_id': 'order 7'})


SCENARIOS = {
    'startWorkflow': Scenario({'input_json': '{"quantity": 2}'}, more=_once_more),
    'getWorkflow': Scenario(
        lambda seen: {'execution_id': seen['startWorkflow']['execution_id']}, {'error': None}
    ),
}
