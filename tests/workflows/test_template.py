"""The part of the template for workflows: what it makes, and under which names."""

from tests.support.stages import templates
from tests.support.stages.templates import properties, resolved


def test_state_machine_may_do_nothing_but_run() -> None:
    new = resolved(templates.resources())
    role = properties(new, 'WorkflowRole')

    assert properties(new, 'WorkflowStateMachine')['RoleArn'] == 'WorkflowRole.Arn'
    assert not {'Policies', 'ManagedPolicyArns'} & role.keys()
    (statement,) = role['AssumeRolePolicyDocument']['Statement']
    assert statement['Principal'] == {'Service': 'states.amazonaws.com'}
    assert statement['Condition'] == {'StringEquals': {'aws:SourceAccount': templates.ACCOUNT}}


def test_state_machine_has_the_name_that_is_given_or_is_one_that_exists() -> None:
    templates.check_is_named('WorkflowStateMachineName', 'WorkflowStateMachine', 'StateMachineName')
    templates.check_is_used_instead(
        'ExistingStateMachineArn',
        {'WorkflowStateMachine', 'WorkflowRole'},
        'WorkflowStateMachineArn',
    )
