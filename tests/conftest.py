"""The settings that the app needs when it is imported, and none of the machine's own."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings

from chalicelib.person import aws
from ops.stage import json_file
from ops.stage.stage import LOCAL, PROJECT
from tests.support import slow
from tests.support.aws import service_models

# app.py reads the pool when it is imported; nothing here may reach AWS.
os.environ['COGNITO_USER_POOL_ARN'] = (
    'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_LocalPool'
)
os.environ.update(
    AWS_ACCESS_KEY_ID='testing', AWS_SECRET_ACCESS_KEY='testing', AWS_DEFAULT_REGION='us-east-1'
)
for leftover in (
    *('API_PORT', 'EMULATOR_PORT', 'AWS_CHALICE_CLI_MODE'),
    *('COGNITO_CLIENT_IDS', 'COGNITO_DOMAIN_URL', 'COGNITO_ISSUER_URL'),
    *('AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_SESSION_TOKEN'),
):
    os.environ.pop(leftover, None)

# A machine that has other work is no reason to fail.
settings.register_profile('this project', deadline=None)
settings.load_profile('this project')


_read = json_file.read


def _as_checked_out(file: Path) -> Any:
    """Read a file of JSON, the stages' settings without what an operator's commands wrote there."""
    content = _read(file)
    if file == PROJECT / '.chalice' / 'config.json':
        content.pop('api_gateway_policy_file', None)
        for name, stage in content['stages'].items():
            if name != LOCAL:
                stage.pop('environment_variables', None)
                stage.pop('iam_policy_file', None)
    return content


json_file.read = _as_checked_out
service_models.share()


@pytest.fixture(autouse=True, scope='module')
def _own_environment() -> Iterator[None]:
    """Keep to a module of tests the settings that it loads, and the clients made by them."""
    aws.forget_clients()
    with mock.patch.dict(os.environ):
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option of the gate, which has everything that a test may need."""
    parser.addoption('--refuse-skips', action='store_true', help='Fail when a test is skipped.')


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow."""
    slow.mark(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what could not be tried on this machine, and why."""
    if reasons := _reasons_of_skips(terminalreporter):
        terminalreporter.write_sep('=', 'not tried on this machine', yellow=True)
        for reason, count in reasons.most_common():
            terminalreporter.write_line(f'{count} {"test" if count == 1 else "tests"}: {reason}')


def _reasons_of_skips(reporter: pytest.TerminalReporter) -> Counter[str]:
    skipped = (report.longrepr for report in reporter.stats.get('skipped', []))
    return Counter(reason.removeprefix('Skipped: ') for _, _, reason in skipped)


_exit_status: list[int] = []


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how the run ended."""
    reporter = session.config.pluginmanager.get_plugin('terminalreporter')
    if reporter and session.config.getoption('refuse_skips') and _reasons_of_skips(reporter):
        exitstatus = exitstatus or pytest.ExitCode.TESTS_FAILED
    _exit_status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """End the process when all has been told, without taking the interpreter apart.

    DuckDB's bindings would find their own types still alive then, and print a page about leaks.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if _exit_status:
        os._exit(_exit_status[-1])
