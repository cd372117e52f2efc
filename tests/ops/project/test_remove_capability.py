"""A capability taken out of a copy of the project: nothing of it is left, and the rest works."""

import json
import re
from collections.abc import Collection
from pathlib import Path

import pytest

import capabilities
from tests.support.stages.checkout import Checkout

TOOLS = """if True:
    import json
    from app import app
    from chalicelib.mcp import tools
    print(json.dumps([tool['name'] for tool in json.loads(bytes(tools.page(app, None)['tools']))]))
"""


@pytest.mark.parametrize('gone', [[name] for name in capabilities.NAMES] + [capabilities.NAMES])
def test_rest_works_without_it(gone: Collection[str], tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / 'project')
    every = operations(checkout)

    for name in gone:
        checkout.run('-m', 'ops', 'remove-capability', name)

    checkout.lint()
    left = operations(checkout)
    assert {'postSuccess'} <= left < every
    assert tools(checkout) == left
    checkout.run('-m', 'ops', 'package', '--stage', 'dev')
    template = json.loads((checkout.folder / 'out' / 'dev' / 'sam.json').read_text())
    for capability in capabilities.EVERY:
        is_gone = capability.name in gone
        assert set(capability.in_use).isdisjoint(template['Parameters']) is is_gone
    checkout.run('-m', 'pytest', '-q', '-m', 'not slow', *(QUICK if len(gone) > 1 else ROOMS))


# What the other rooms have in common, and the quick part of all but the emulator and the linter.
ROOMS = ['tests/chalicelib', 'tests/operations', 'tests/project']
QUICK = ['tests', '--ignore', 'tests/emulator', '--ignore', 'tests/openapi', '-n', '2']


def operations(checkout: Checkout) -> set[str]:
    """Return the operations of the exported document."""
    document = checkout.run('openapi_export.py', '--stage', 'local')
    return set(re.findall(r'operationId: (\w+)', document))


def tools(checkout: Checkout) -> set[str]:
    """Return the tools that MCP lists."""
    program = f'import os; os.environ["COGNITO_USER_POOL_ARN"] = "{POOL}"\n{TOOLS}'
    return set(json.loads(checkout.run('-c', program)))


POOL = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_LocalPool'
