"""Workflows on Step Functions."""

from capabilities.capability import About, Capability, Statement

_MACHINE = 'WORKFLOW_STATE_MACHINE_ARN'

_START = Statement(
    'StartWorkflows', ['states:StartExecution'], [About(_MACHINE, [f'{{{_MACHINE}}}'])]
)

CAPABILITY = Capability(
    'workflows',
    settings=[_MACHINE],
    in_use={'ExistingStateMachineArn': _MACHINE},
    statements=[
        _START,
        Statement(
            'FollowWorkflows', ['states:DescribeExecution'], [About(_MACHINE, ['{executions}:*'])]
        ),
    ],
    person=[
        _START,
        Statement(
            'FollowTheirWorkflows',
            ['states:DescribeExecution'],
            [About(_MACHINE, ['{executions}:{owner}-*'])],
        ),
    ],
    lost={'AWS::StepFunctions::StateMachine': 'the workflows that were started'},
)
