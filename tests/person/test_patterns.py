"""The language of DOCUMENTS_PREFIXES and RECORDS_KEYS: what it takes, and what it means."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.identity import Caller
from chalicelib.person import patterns
from chalicelib.person.patterns import (
    InvalidPattern,
    allows,
    expanded,
    of_documents,
    of_records,
    outermost,
)

JANE = '0d8f4b5e-7d52-4a6e-9a57-0c1d2f3a4b5c'
GROUPS = ('europe', 'sales')
_PLACEHOLDERS = re.compile(r'\{[^}]*\}?')


@pytest.mark.parametrize(
    ('setting', 'prefixes'),
    [
        ('', ()),
        (' ', ()),
        ('shared/', ('shared/',)),
        (
            'shared/, people/{sub}/,groups/{group}/',
            ('groups/europe/', 'groups/sales/', f'people/{JANE}/', 'shared/'),
        ),
        ('a b/c/, é/', ('a b/c/', 'é/')),
        ('teams/{group}/{sub}/', (f'teams/europe/{JANE}/', f'teams/sales/{JANE}/')),
        ('teams/{group}/a/, teams/{group}/b/',
         ('teams/europe/a/', 'teams/europe/b/', 'teams/sales/a/', 'teams/sales/b/')),
        ('a/b/, a/, a/{group}/, a/', ('a/',)),
        ('{sub}/', (f'{JANE}/',)),
    ],
)  # fmt: skip
def test_prefixes_are_what_a_person_may_see(setting: str, prefixes: tuple[str, ...]) -> None:
    assert expanded(of_documents(setting), JANE, GROUPS) == prefixes


@pytest.mark.parametrize(
    ('setting', 'keys'),
    [
        ('', ()),
        ('*', ('*',)),
        ('A, AB', ('A', 'AB')),
        ('A*, AB*, ABC, A', ('A', 'A*')),
        (
            'CUSTOMER#*, USER#{sub}, GROUP#{group}',
            ('CUSTOMER#*', 'GROUP#europe', 'GROUP#sales', f'USER#{JANE}'),
        ),
        ('{group}#*', ('europe#*', 'sales#*')),
        ('{sub}', (JANE,)),
        ('a/{sub}/b', (f'a/{JANE}/b',)),
    ],
)
def test_keys_are_what_a_person_may_ask_for(setting: str, keys: tuple[str, ...]) -> None:
    assert expanded(of_records(setting), JANE, GROUPS) == keys


def test_nobodys_group_is_no_pattern() -> None:
    assert expanded(of_documents('shared/, groups/{group}/'), JANE, ()) == ('shared/',)
    assert expanded(of_records('GROUP#{group}'), JANE, ()) == ()


@pytest.mark.parametrize(
    ('setting', 'said'),
    [
        ('shared', 'does not end in /'),
        ('/shared/', 'segment'),
        ('a//b/', 'segment'),
        ('a/../b/', 'segment'),
        ('./', 'segment'),
        ('/', 'segment'),
        ('a/,', 'between two commas'),
        (',a/', 'between two commas'),
        ('a/,,b/', 'between two commas'),
        ('a/*/', "'*'"),
        ('a?/', "'?'"),
        ('${aws:username}/', "'$'"),
        ('a\x00/', 'x00'),
        ('people/{name}/', '{name}'),
        ('people/{SUB}/', '{SUB}'),
        ('people/x{sub}/', 'stand alone'),
        ('people/{sub}{group}/', 'stand alone'),
        ('people/{/', 'brace'),
        ('people/x {sub}/', 'no whole segment'),
        ('people/}/', 'brace'),
        ('uploads/', 'uploads/'),
        ('uploads/{group}/', 'uploads/'),
        ('{group}/', 'let it begin otherwise'),
        ('team/{group}/, team/{sub}/', 'let it begin otherwise'),
        ('team/{group}/, team/all/', 'let it begin otherwise'),
    ],
)
def test_prefixes_that_could_mean_more_are_refused(setting: str, said: str) -> None:
    with pytest.raises(InvalidPattern) as refused:
        of_documents(setting)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ('setting', 'said'),
    [
        ('A,', 'between two commas'),
        ('A**', "'*'"),
        ('A*B', "'*'"),
        ('A?', "'?'"),
        ('$A', "'$'"),
        ('USER#{name}', '{name}'),
        ('USER{sub}', 'stand alone'),
        ('{sub}.x', 'stand alone'),
        ('{sub}*', 'stand alone'),
        ('GROUP#{group}*', 'stand alone'),
        ('{{sub}}', 'stand alone'),
        ('{sub}{group}', 'stand alone'),
        ('A{', 'brace'),
        ('GROUP#{group}, GROUP#all', 'let it begin otherwise'),
        ('X#{group}, X#{sub}', 'let it begin otherwise'),
        ('{group}, USER#{sub}', 'let it begin otherwise'),
    ],
)
def test_keys_that_could_mean_more_are_refused(setting: str, said: str) -> None:
    with pytest.raises(InvalidPattern) as refused:
        of_records(setting)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ('key', 'allowed'),
    [
        ('CUSTOMER#', True),
        ('CUSTOMER#17', True),
        ('CUSTOMER', False),
        ('customer#17', False),
        ('XCUSTOMER#17', False),
        ('USER#ann', True),
        ('USER#anna', False),
        ('USER#', False),
        ('', False),
    ],
)
def test_key_is_allowed_as_the_pattern_says(key: str, *, allowed: bool) -> None:
    assert allows(('CUSTOMER#*', 'USER#ann'), key) is allowed


def test_outermost_folders_are_in_order_and_none_is_in_another() -> None:
    assert outermost(['b/', 'a/x/', 'a/', 'a/', 'a-b/']) == ('a-b/', 'a/', 'b/')


@pytest.mark.parametrize(
    ('group', 'is_counted'),
    [
        ('sales', True),
        ('us-east-1_LocalPool_Google', True),
        ('a.b@c+d=e', True),
        ('x' * 64, True),
        ('x' * 65, False),
        ('', False),
        ('..', False),
        ('.hidden', False),
        ('a/b', False),
        ('a*', False),
        ('a?', False),
        ('a$b', False),
        ('${aws:username}', False),
        ('{sub}', False),
        ('a,b', False),
        ('a|b', False),
        ('a#b', False),
        ('é', False),
        ('e\u0301', False),
        ('\uff53ales', False),
        ('sales\n', False),
        ('a b', False),
    ],
)
def test_group_counts_if_its_name_is_only_a_name(group: str, *, is_counted: bool) -> None:
    caller = Caller('sub', 'ann', 'client', frozenset(), (group, 'zebra', 'zebra'))

    assert caller.groups_that_count == ((group, 'zebra') if is_counted else ('zebra',))
    assert caller.groups == (group, 'zebra', 'zebra')


@given(st.text(max_size=40))
def test_language_takes_a_setting_or_says_why_not(setting: str) -> None:
    for parse in (of_documents, of_records):
        with suppress(InvalidPattern):
            found = parse(setting)
            assert not {'$', '?'} & set(''.join(found))
            assert {*_PLACEHOLDERS.findall(''.join(found))} <= {'{sub}', '{group}'}


@given(st.sets(st.from_regex(r'[A-Za-z0-9][A-Za-z0-9_.@+=-]{0,63}', fullmatch=True)), st.data())
def test_member_of_a_group_sees_no_folder_of_another(groups: set[str], data: st.DataObject) -> None:
    found = patterns.of_documents('shared/, people/{sub}/, groups/{group}/')
    other = data.draw(
        st.from_regex(r'[A-Za-z0-9][A-Za-z0-9_.@+=-]{0,63}', fullmatch=True).filter(
            lambda each: each not in groups
        )
    )

    folders = patterns.expanded(found, JANE, sorted(groups))

    assert not f'groups/{other}/report.txt'.startswith(folders)
    assert all(f'groups/{group}/report.txt'.startswith(folders) for group in groups)
