"""The settings of workflows, read when they are asked for."""

from chalicelib.settings import required


def workflow_state_machine_arn() -> str:
    """Return the ARN of the state machine that workflows are executions of."""
    return required('WORKFLOW_STATE_MACHINE_ARN', 'the state machine that is started')
