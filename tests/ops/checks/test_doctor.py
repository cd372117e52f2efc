"""`ops doctor`: what it prints, how it ends, and that its documentation is whole."""

import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from unittest import mock

import boto3
import click
import pytest
from click.testing import CliRunner

from emulator.sample.data import POOL_ID
from ops.__main__ import main
from ops.checks import CHECKS, Check, Facts, ask, doctor
from ops.inspection.check import DEPLOY, Findings, error, warning
from ops.inspection.facts import NotApplicable, fact
from ops.stage.stage import enter_stage
from tests.support.dev_process import banner, emulator, free_ports
from tests.support.stages.ops_commands import ops

PAGE = Path(__file__).parent.parent.parent.parent / 'docs' / 'doctor.md'


def well(_: Facts) -> Findings:
    yield from ()
    return 'as it should be'


def doubtful(_: Facts) -> Findings:
    yield warning('it is old')
    return ''


def wrong(_: Facts) -> Findings:
    yield warning('it is old')
    yield error('it is \x1b[31mred\n\u202eand\ud800 long ' + 'x' * 1000, 'Mend it on {stage}.')
    return ''


def elsewhere(_: Facts) -> Findings:
    yield from ()
    raise NotApplicable('not here')


def broken(_: Facts) -> Findings:
    yield warning('it is old')
    raise ZeroDivisionError('by zero')


@fact
def out_of_reach(_: Facts) -> str:
    """Fail as a request does."""
    raise click.ClickException('Nothing answers.')


def without_answer(facts: Facts) -> Findings:
    yield warning(out_of_reach(facts))
    return ''


def check(name: str, asks: Callable[[Facts], Findings], subject: str = 'Things') -> Check:
    """Return a check of the tests' own."""
    return Check(name, subject, 'Is it?', DEPLOY, asks)


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Undo what a stage sets in the environment."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """The checks that the command makes: one that is well, and what a test adds."""
    checks = [check('well', well)]
    monkeypatch.setattr(doctor, 'CHECKS', checks)
    return checks


def asked(asks: Callable[[Facts], Findings]) -> list[tuple[str, str, str]]:
    """Return what a check finds on the stage local."""
    found = ask(check('it', asks), Facts(enter_stage('local')))
    return [(finding.level, finding.found, finding.remedy) for finding in found]


def test_documentation_has_every_check_as_it_is() -> None:
    rows = re.findall(r'^\| `([\w-]+)` \| (.*) \| (.*) \|$', PAGE.read_text(), flags=re.MULTILINE)

    assert rows == [
        (check.name, check.question, check.remedy.replace('{stage}', 'S')) for check in CHECKS
    ]


def test_checks_have_names_of_their_own() -> None:
    names = [check.name for check in CHECKS]

    assert sorted(set(names)) == sorted(names)


def test_every_line_has_mark_name_and_finding_and_below_it_the_remedy(checks: list[Check]) -> None:
    checks += [check('doubtful', doubtful), check('elsewhere', elsewhere, 'Other things')]

    result = ops('doctor')

    assert result.exit_code == 0
    assert result.stdout == (
        'Things\n'
        '  ✓ well                  as it should be\n'
        '  ! doubtful              it is old\n'
        '                          end `make dev` and start it again\n'
        'Other things\n'
        '  – elsewhere             not here\n'  # noqa: RUF001
        '3 checks: 0 errors, 1 warning, 1 ok, 1 not applicable.\n'
    )


def test_error_is_the_exit_status_and_the_last_line(checks: list[Check]) -> None:
    checks.append(check('wrong', wrong))

    result = ops('doctor')

    assert result.exit_code == 1
    assert result.stderr == 'Error: 2 checks: 1 error, 0 warnings, 1 ok, 0 not applicable.\n'
    assert '                          Mend it on local.\n' in result.stdout


def test_json_has_every_finding(checks: list[Check]) -> None:
    checks += [check('wrong', wrong)]

    result = ops('doctor', '--json')

    assert result.exit_code == 1
    findings = json.loads(result.stdout)
    assert [(found['check'], found['level']) for found in findings] == [
        ('well', 'ok'),
        ('wrong', 'warning'),
        ('wrong', 'error'),
    ]
    assert findings[1] == {
        'check': 'wrong',
        'subject': 'Things',
        'level': 'warning',
        'found': 'it is old',
        'remedy': 'end `make dev` and start it again',
    }


def test_finding_is_one_printable_line_of_bounded_length() -> None:
    *_, (level, found, _) = asked(wrong)

    assert level == 'error'
    assert found.startswith('it is ?[31mred ?and? long xxx')
    assert len(found) == 503


def test_check_that_breaks_says_so_after_what_it_found() -> None:
    assert asked(broken) == [
        ('warning', 'it is old', 'end `make dev` and start it again'),
        ('error', 'this check itself failed: ZeroDivisionError: by zero', ''),
    ]


def test_what_keeps_several_checks_from_answering_is_reported_once(checks: list[Check]) -> None:
    checks += [check('first', without_answer), check('second', without_answer)]

    lines = ops('doctor').stdout.splitlines()

    assert lines[2:4] == [
        '  ✗ first                 Nothing answers.',
        '  – second                not known, for the reason that first found',  # noqa: RUF001
    ]


def test_plain_marks_where_the_encoding_has_no_others(checks: list[Check]) -> None:
    def in_japanese(_: Facts) -> Findings:
        yield from ()
        return 'よい'

    checks += [
        *(check('wrong', wrong), check('elsewhere', elsewhere)),
        check('japanese', in_japanese),
    ]

    result = CliRunner(charset='ascii').invoke(main, ['doctor', '--stage', 'local'])

    marks = [line[2] for line in result.stdout.splitlines() if re.match(r'  \S ', line)]
    assert marks == ['+', '!', 'x', '-', '+']
    assert '\\u3088\\u3044' in result.stdout


def on_a_terminal(**environment: str) -> str:
    """Return what a terminal is given."""

    class Terminal(io.StringIO):
        encoding = 'utf-8'

        def isatty(self) -> bool:
            return True

    with (
        mock.patch.dict(os.environ, {'TERM': 'xterm', 'NO_COLOR': '', **environment}),
        mock.patch.object(sys, 'stdout', Terminal()) as terminal,
    ):
        main.main(['doctor', '--stage', 'local'], standalone_mode=False)
        return terminal.getvalue()


def test_colours_and_progress_are_for_terminals_only(checks: list[Check]) -> None:
    checks += [check('doubtful', doubtful)]

    assert '    doubtful ...\r\x1b[K  \x1b[33m!\x1b[0m doubtful' in on_a_terminal()
    assert '\x1b' not in ops('doctor').stdout


@pytest.mark.parametrize('environment', [{'NO_COLOR': '1'}, {'TERM': 'dumb'}])
def test_terminal_without_colours_has_neither(
    checks: list[Check], environment: dict[str, str]
) -> None:
    checks += [check('doubtful', doubtful)]

    shown = on_a_terminal(**environment)

    assert '  ! doubtful' in shown
    assert not {'\x1b', '\r'}.intersection(shown)


def test_ctrl_c_stops_it(checks: list[Check]) -> None:
    def interrupted(_: Facts) -> Findings:
        yield from ()
        raise KeyboardInterrupt

    checks += [check('interrupted', interrupted), check('never', well)]

    result = ops('doctor')

    assert (result.exit_code, result.stderr.strip()) == (130, 'Stopped.')
    assert 'never' not in result.stdout


def secrets(port: str) -> list[str]:
    """Return the secrets of the app clients of an emulator."""
    url = f'http://localhost:{port}'
    cognito = boto3.client('cognito-idp', region_name='us-east-1', endpoint_url=url)
    listed = cognito.list_user_pool_clients(UserPoolId=POOL_ID)['UserPoolClients']
    asked = [{'UserPoolId': POOL_ID, 'ClientId': client['ClientId']} for client in listed]
    described = [cognito.describe_user_pool_client(**each) for each in asked]
    return [each['UserPoolClient']['ClientSecret'] for each in described]


@pytest.fixture(scope='module')
def dev() -> Iterator[dict[str, str]]:
    """`make dev`, as the ports that it listens on."""
    ports = free_ports()
    with emulator('--api', ports=ports) as process:
        banner(process)
        for pipe in (process.stdout, process.stderr):
            assert pipe
            Thread(target=pipe.read, daemon=True).start()
        yield ports


def test_stage_on_this_machine_is_well(dev: dict[str, str]) -> None:
    with mock.patch.dict(os.environ, dev):
        result = ops('doctor', '--json')

    levels = {found['check']: found['level'] for found in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert set(levels.values()) == {'ok', 'not applicable'}
    assert levels.keys() == {check.name for check in CHECKS}
    assert not [secret for secret in secrets(dev['EMULATOR_PORT']) if secret in result.output]


def test_address_that_does_not_answer_is_reported_once() -> None:
    with mock.patch.dict(os.environ, EMULATOR_PORT='9', API_PORT='19'):
        result = ops('doctor', '--json')

    errors = [found['found'] for found in json.loads(result.stdout) if found['level'] == 'error']
    assert result.exit_code == 1
    assert errors == [
        'Nothing answers at http://localhost:9: start `make dev`.',
        'Nothing answers at http://localhost:19: start `make dev`.',
    ]
