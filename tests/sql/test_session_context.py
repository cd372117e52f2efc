"""The database is told who asks by literals that leave nothing to escape, for one transaction."""

import re

import pytest

from chalicelib.identity import Caller
from chalicelib.settings import MissingSetting
from chalicelib.sql import session_context, settings
from chalicelib.sql.errors import PersonNotSupported

SUB = '1c8f3c52-7d0e-4b6a-9a35-52c1d7f0e6a1'


def caller(sub: str = SUB, *groups: str) -> Caller:
    """Return somebody in groups."""
    return Caller(sub, sub, 'client', frozenset(), groups)


def test_first_statement_says_who_asks_until_the_transaction_ends() -> None:
    assert session_context.first_statement(caller(SUB, 'sales', 'europe')) == (
        "SELECT set_config('statement_timeout', '300000', TRUE), "
        "set_config('enable_result_cache_for_session', 'off', TRUE), "
        f"set_config('app.person', '{SUB}', TRUE), "
        "set_config('app.groups', '|sales|europe|', TRUE)"
    )


def test_machine_is_told_by_its_client_id() -> None:
    told = session_context.first_statement(caller('3n4b5urk1ft4fl3mg5e62d9ado'))

    assert "'app.person', '3n4b5urk1ft4fl3mg5e62d9ado'" in told
    assert "'app.groups', '|'" in told


@pytest.mark.parametrize(
    'sub',
    [
        *("x' OR '1'='1", "jane' --", 'jane', '', 'a' * 65, f'{SUB}\n', f'{SUB} ', 'jane_doe_x'),
        *('\uff4aane-doe-1', '\u0661' * 9, f'{SUB}|', 'jane@example.com', '${app.person}', "'" * 9),
    ],
)
def test_person_whose_id_needs_escaping_is_refused(sub: str) -> None:
    with pytest.raises(PersonNotSupported, match='Do not try again'):
        session_context.first_statement(caller(sub))


@pytest.mark.parametrize(
    'group',
    [
        *('a|finance', '|finance|', 'fin%', "o'brien", 'a b', 'a/b', 'a*', '$x', '{a}', 'a,b', ''),
        *('é', 'ﬁnance', 'finance\n', '-a', '.a', 'a' * 65, '\\', 'a"b', 'a;b', 'фinance'),
    ],
)
def test_group_that_could_mean_another_counts_for_nothing(group: str) -> None:
    told = session_context.first_statement(caller(SUB, 'sales', group, 'ops'))

    assert re.findall(r"'app\.groups', '(.*)', TRUE\)$", told) == ['|sales|ops|']


@pytest.mark.parametrize(
    'group', ['a', 'eu-west', 'Ops_2', 'us-east-1_Pool_Okta', 'a@b.c', 'x+y=z']
)
def test_ordinary_group_counts(group: str) -> None:
    assert f"'|{group}|'" in session_context.first_statement(caller(SUB, group))


def test_settings_name_the_variables_and_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('REDSHIFT_PERSON_VARIABLE', 'ctx.who')
    monkeypatch.setenv('REDSHIFT_GROUPS_VARIABLE', 'ctx.teams')
    monkeypatch.setenv('SQL_STATEMENT_TIMEOUT_SECONDS', '20')

    assert session_context.first_statement(caller(SUB, 'ops')) == (
        "SELECT set_config('statement_timeout', '20000', TRUE), "
        "set_config('enable_result_cache_for_session', 'off', TRUE), "
        f"set_config('ctx.who', '{SUB}', TRUE), set_config('ctx.teams', '|ops|', TRUE)"
    )


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        *(('REDSHIFT_PERSON_VARIABLE', wrong) for wrong in ('app', 'a.b.c', "a.b'", 'A.b')),
        ('REDSHIFT_GROUPS_VARIABLE', 'app.'),
        *(('SQL_STATEMENT_TIMEOUT_SECONDS', wrong) for wrong in ('0', '-1', '1.5', '86401', 'x')),
        *(('SQL_STATEMENTS_PER_PERSON', wrong) for wrong in ('0', '101', 'three', '٣')),
    ],
)
def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    reading = {
        'REDSHIFT_PERSON_VARIABLE': settings.person_variable,
        'REDSHIFT_GROUPS_VARIABLE': settings.groups_variable,
        'SQL_STATEMENT_TIMEOUT_SECONDS': settings.statement_timeout_seconds,
        'SQL_STATEMENTS_PER_PERSON': settings.statements_per_person,
    }[name]
    with pytest.raises(MissingSetting, match=f'^{name} is not set: it has a value that is not '):
        reading()
