"""What every stage has, in every front."""

from tests.support.scenario import Scenario

SCENARIOS = {
    'postSuccess': Scenario(answers={'success': True}),
    'getMyAccess': Scenario(answers={'groups_that_do_not_count': []}),
}
