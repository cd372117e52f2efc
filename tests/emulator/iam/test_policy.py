"""The evaluator of policies: what applies, what a variable stands for, what a condition means."""

from typing import Any

import pytest

from emulator.iam.policy import Permission, Unknown, all_allow, allows

KNOWN = {'aws:PrincipalTag/sub': 'ann', 'aws:userid': 'AROA:ann', 'aws:RequestTag/sub': 'ann'}


def policy(*, version: str = '2012-10-17', **statement: Any) -> dict[str, Any]:
    """Return a policy of one statement, which allows a:B on everything unless told otherwise."""
    whole = {'Effect': 'Allow', 'Action': 'a:B', 'Resource': '*', **statement}
    present = {name: each for name, each in whole.items() if each is not None}
    return {'Version': version, 'Statement': [present]}


def asked(resource: str = 'arn:aws:s3:::b/k', **circumstances: Any) -> Permission:
    named = {name.replace('__', ':'): value for name, value in circumstances.items()}
    return Permission('a:B', resource, {**KNOWN, **named})


@pytest.mark.parametrize(
    ('pattern', 'resource', 'allowed'),
    [
        ('arn:aws:s3:::b/${aws:PrincipalTag/sub}/*', 'arn:aws:s3:::b/ann/x', True),
        ('arn:aws:s3:::b/${aws:PrincipalTag/sub}/*', 'arn:aws:s3:::b/bob/x', False),
        ('arn:aws:s3:::b/${aws:PrincipalTag/sub}/*', 'arn:aws:s3:::b/anna/x', False),
        ('arn:aws:s3:::b/${aws:PrincipalTag/owner}*', 'arn:aws:s3:::b/x', False),
        ('arn:aws:s3:::b/${*}', 'arn:aws:s3:::b/*', True),
        ('arn:aws:s3:::b/${*}', 'arn:aws:s3:::b/x', False),
        ('arn:aws:s3:::b/${$}{x}', 'arn:aws:s3:::b/${x}', True),
        ('arn:aws:s3:::b/$x', 'arn:aws:s3:::b/$x', True),
        ('arn:aws:s3:::b/a?c', 'arn:aws:s3:::b/abc', True),
        ('arn:aws:s3:::b/a?c', 'arn:aws:s3:::b/ac', False),
    ],
)
def test_variables_of_a_resource(pattern: str, resource: str, *, allowed: bool) -> None:
    assert allows(policy(Resource=[pattern]), asked(resource)) is allowed


def test_value_of_a_variable_is_no_pattern() -> None:
    tagged = Permission('a:B', 'arn:aws:s3:::b/bob', {'aws:PrincipalTag/sub': '*'})

    assert not allows(policy(Resource='arn:aws:s3:::b/${aws:PrincipalTag/sub}'), tagged)


def test_policy_of_the_older_version_has_no_variables() -> None:
    older = policy(version='2008-10-17', Resource='arn:aws:s3:::b/${aws:PrincipalTag/sub}')

    assert not allows(older, asked('arn:aws:s3:::b/ann'))
    assert allows(older, asked('arn:aws:s3:::b/${aws:PrincipalTag/sub}'))


@pytest.mark.parametrize(
    ('condition', 'given', 'allowed'),
    [
        ({'StringEquals': {'k': 'ann'}}, {'k': 'ann'}, True),
        ({'StringEquals': {'k': ['bob', 'ann']}}, {'k': 'ann'}, True),
        ({'StringEquals': {'k': 'a*'}}, {'k': 'ann'}, False),
        ({'StringEquals': {'k': 'ann'}}, {}, False),
        ({'StringEquals': {'k': '${aws:PrincipalTag/sub}'}}, {'k': 'ann'}, True),
        ({'StringEquals': {'k': '${aws:PrincipalTag/owner}'}}, {'k': ''}, False),
        ({'StringEquals': {'aws:userid': 'AROA:${aws:RequestTag/sub}'}}, {}, True),
        ({'StringLike': {'k': 'shared/*'}}, {'k': 'shared/'}, True),
        ({'StringLike': {'k': 'shared/*'}}, {'k': 'shared'}, False),
        ({'StringLike': {'k': 'shared/*'}}, {'k': 'Shared/'}, False),
        ({'StringLike': {'k': 'shared/*'}}, {}, False),
        ({'StringNotLike': {'k': ['a/*', 'b/*']}}, {'k': 'c/'}, True),
        ({'StringNotLike': {'k': ['a/*', 'b/*']}}, {'k': 'b/'}, False),
        ({'StringNotLike': {'k': 'a/*'}}, {}, True),
        ({'ForAllValues:StringLike': {'k': ['C#*', 'U#1']}}, {'k': ['C#7', 'U#1']}, True),
        ({'ForAllValues:StringLike': {'k': ['C#*', 'U#1']}}, {'k': ['C#7', 'U#2']}, False),
        ({'ForAllValues:StringLike': {'k': 'C#*'}}, {}, True),
        ({'ForAllValues:StringEquals': {'k': 'C#*'}}, {'k': ['C#7']}, False),
        ({'ForAllValues:StringNotLike': {'k': 'C#*'}}, {'k': ['D', 'C#7']}, False),
        ({'ForAllValues:StringNotLike': {'k': 'C#*'}}, {'k': ['D', 'E']}, True),
        ({'Null': {'k': 'false'}}, {'k': ['x']}, True),
        ({'Null': {'k': 'false'}}, {}, False),
        ({'Null': {'k': 'true'}}, {}, True),
        ({'Null': {'k': 'true'}}, {'k': 'x'}, False),
        ({'ArnLike': {'k': 'arn:aws:iam::1:role/a-*'}}, {'k': 'arn:aws:iam::1:role/a-b'}, True),
        ({'ArnLike': {'k': 'arn:aws:iam::1:role/a-*'}}, {'k': 'arn:aws:iam::2:role/a-b'}, False),
        ({'StringEquals': {'k': 'a', 'l': 'b'}}, {'k': 'a', 'l': 'b'}, True),
        ({'StringEquals': {'k': 'a', 'l': 'b'}}, {'k': 'a'}, False),
        ({'StringEquals': {'k': 'a'}, 'Null': {'l': 'true'}}, {'k': 'a', 'l': 'b'}, False),
    ],
)
def test_conditions(condition: dict[str, Any], given: dict[str, Any], *, allowed: bool) -> None:
    assert allows(policy(Condition=condition), asked(**given)) is allowed


@pytest.mark.parametrize(
    ('element', 'allowed'),
    [
        ({'NotAction': ['a:C', 'a:D'], 'Action': None}, True),
        ({'NotAction': ['a:C', 'a:*'], 'Action': None}, False),
        ({'NotResource': ['arn:aws:s3:::b/j'], 'Resource': None}, True),
        ({'NotResource': ['arn:aws:s3:::b/j', 'arn:aws:s3:::b/*'], 'Resource': None}, False),
    ],
)
def test_what_all_else_is_allowed_by(element: dict[str, Any], *, allowed: bool) -> None:
    assert allows(policy(**element), asked()) is allowed


def test_policies_add_up_and_any_of_them_denies() -> None:
    other, denying = policy(Action='a:C'), policy(Effect='Deny')

    assert all_allow([policy(), other], asked())
    assert not all_allow([other], asked())
    assert not all_allow([], asked())
    assert not all_allow([policy(), denying], asked())


@pytest.mark.parametrize(
    ('statement', 'given'),
    [
        ({'NotPrincipal': '*'}, {}),
        ({'Condition': {'DateLessThan': {'aws:CurrentTime': '2030-01-01'}}}, {}),
        ({'Condition': {'ForAnyValue:StringLike': {'k': 'a'}}}, {'k': 'a'}),
        ({'Condition': {'StringLike': {'k': 'a'}}}, {'k': ['a', 'a']}),
    ],
)
def test_what_is_not_known_is_told_and_not_guessed(
    statement: dict[str, Any], given: dict[str, Any]
) -> None:
    with pytest.raises(Unknown):
        allows(policy(**statement), asked(**given))
