"""postSuccess in every front."""

from tests.support.scenario import Scenario

SCENARIOS = {'postSuccess': Scenario(answers={'success': True})}
