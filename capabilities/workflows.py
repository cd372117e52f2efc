"""Workflows on Step Functions."""

from capabilities.capability import Capability, Statement

_MACHINE = 'WORKFLOW_STATE_MACHINE_ARN'

CAPABILITY = Capability(
    'workflows',
    settings=[_MACHINE],
    in_use={'ExistingStateMachineArn': _MACHINE},
    statements=[
        Statement('StartWorkflows', ['states:StartExecution'], [(_MACHINE, [f'{{{_MACHINE}}}'])]),
        Statement(
            'FollowWorkflows', ['states:DescribeExecution'], [(_MACHINE, ['{executions}:*'])]
        ),
    ],
    lost={'AWS::StepFunctions::StateMachine': 'the workflows that were started'},
)
