"""The id of an operation, and the name of its function."""

import re
from keyword import iskeyword

# It becomes the name of a function that the model calls, and of the view in Python.
PATTERN = re.compile(r'[A-Za-z][A-Za-z0-9_-]{0,63}')


def view_name(operation_id: str) -> str:
    """Return the name of an operation's function: its id in snake_case."""
    name = re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', operation_id).replace('-', '_').lower()
    return f'{name}_' if iskeyword(name) else name
