"""The sample process: an order of several steps, with a choice, a wait and two ways to fail."""

import json
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.stepfunctions.responses import get_backend

from emulator.sample.data import REGION

STATE_MACHINE = 'sample-order'

DEFINITION: dict[str, Any] = {
    'Comment': 'Checks an order, waits for the warehouse, and confirms it.',
    'StartAt': 'Check the order',
    'States': {
        'Check the order': {
            'Type': 'Choice',
            'Choices': [
                {
                    'Not': {'Variable': '$.quantity', 'IsPresent': True},
                    'Next': 'Refuse: no quantity',
                },
                {
                    'Not': {'Variable': '$.quantity', 'IsNumeric': True},
                    'Next': 'Refuse: no quantity',
                },
                {
                    'Variable': '$.quantity',
                    'NumericGreaterThan': 100,
                    'Next': 'Refuse: out of stock',
                },
            ],
            'Default': 'Price it',
        },
        'Price it': {
            'Type': 'Pass',
            'Parameters': {'order.$': '$', 'price': {'currency': 'EUR', 'each': 19.9}},
            'Next': 'Wait for the warehouse',
        },
        'Wait for the warehouse': {'Type': 'Wait', 'Seconds': 2, 'Next': 'Confirm'},
        'Confirm': {
            'Type': 'Pass',
            'Parameters': {
                'order.$': '$.order',
                'price.$': '$.price',
                'message.$': "States.Format('{} on their way', $.order.quantity)",
            },
            'End': True,
        },
        'Refuse: no quantity': {
            'Type': 'Fail',
            'Error': 'InvalidOrder',
            'Cause': 'The input needs a quantity that is a number.',
        },
        'Refuse: out of stock': {
            'Type': 'Fail',
            'Error': 'OutOfStock',
            'Cause': 'There are 100 left.',
        },
    },
}


def seed() -> str:
    """Create the sample state machine where moto keeps them; return its ARN."""
    created = get_backend(DEFAULT_ACCOUNT_ID, REGION).create_state_machine(
        name=STATE_MACHINE,
        definition=json.dumps(DEFINITION),
        roleArn=f'arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/sample-order',
    )
    return str(created.arn)
