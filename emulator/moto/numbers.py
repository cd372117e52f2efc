"""DynamoDB's numbers: it answers ``0.5`` for ``.5``, and moto whatever text it was given.

The function is a method of moto's DynamoType while the emulator runs.
"""

from decimal import Context, Decimal, InvalidOperation
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType

# "Numbers can have up to 38 digits of precision"
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_DIGITS = Context(prec=38)
_moto_init = DynamoType.__init__


def __init__(value: DynamoType, type_as_dict: Any) -> None:  # noqa: N807  it is moto's
    """Keep a number, or a set of them, as DynamoDB answers it."""
    _moto_init(value, type_as_dict)
    if value.type == 'N':
        value.value = normal(value.value)
    elif value.type == 'NS':
        value.value = [normal(each) for each in value.value]


def normal(text: Any) -> Any:
    """Return a number without zeros that say nothing; what is none is left for moto to refuse."""
    try:
        number = _DIGITS.create_decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        return text
    if not number.is_finite():
        return text
    return format(number.normalize(_DIGITS), 'f') if number else str(Decimal(0))


METHODS = (__init__,)
