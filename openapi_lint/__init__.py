"""The rules by which ChatGPT takes an OpenAPI document for its Actions, and a check of each.

ChatGPT refuses what breaks some of them and silently drops what breaks others. It says so
only in its editor and one message at a time; here all findings come at once, each with its place
and remedy. The profile ``tools`` has the rules of those who take the operations as tools instead.

To add a rule, write its function into the module of what it is about and a row into the test, and
run ``python -m openapi_lint.write_pages docs``.
"""

from openapi_lint.checking import lint, lint_text
from openapi_lint.findings.finding import Finding
from openapi_lint.findings.rule import PROFILES, Profile, Rule
from openapi_lint.rules import RULES
from openapi_lint.rules.server import is_loopback, may_sign_in_at

__all__ = [
    'PROFILES',
    'RULES',
    'Finding',
    'Profile',
    'Rule',
    'is_loopback',
    'lint',
    'lint_text',
    'may_sign_in_at',
]
