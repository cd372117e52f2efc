"""What a stage really is, asked from outside and through the AWS APIs: one question a check.

To add a check, write its function into the module of what it is about, a row into docs/doctor.md
and a way to make it red into the tests.
"""

from ops.checks import (  # noqa: F401 - they fill the table of checks
    account,
    api,
    app_clients,
    function,
    gateway,
    mcp,
    people,
    sign_in,
    sign_in_through_api,
    stack,
    user_pool,
    watching,
)
from ops.inspection.asking import Finding, ask
from ops.inspection.check import ENTERED, Check, Level
from ops.inspection.facts import Facts

__all__ = ['CHECKS', 'Check', 'Facts', 'Finding', 'Level', 'ask']

# What is asked first explains what is found later.
_SUBJECTS = (
    'Account',
    'Stack',
    'User pool',
    'App clients',
    'Sign-in',
    'Sign-in through the API',
    'API',
    'API Gateway',
    'Function',
    'People',
    'Watching',
    'MCP',
)
CHECKS: list[Check] = sorted(ENTERED, key=lambda check: _SUBJECTS.index(check.subject))
