"""The function's policy with the ARNs of what a stage really has, instead of names by convention.

The settings may be CloudFormation's intrinsic functions: then so are the ARNs.
"""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, NamedTuple

import capabilities
from capabilities.capability import About, Capability, Statement
from ops.deployment import person_patterns

NO_VALUE = {'Ref': 'AWS::NoValue'}


class Place(NamedTuple):
    """Where a function runs."""

    partition: str
    region: str
    account: str


THIS_STACK = Place('${AWS::Partition}', '${AWS::Region}', '${AWS::AccountId}')

# Where there is a role for people, the function has no rights to data.
_LEFT_TO_PEOPLE = About('PERSON_ROLE_ARN', [])
_OF_A_VPC = ('SeeNetworks', 'JoinTheVpc', 'LeaveTheVpcToLambda')


def exact(
    switched_on: Sequence[Capability],
    settings: Mapping[str, Any],
    function: str,
    place: Place = THIS_STACK,
) -> dict[str, Any]:
    """Return a policy that allows a function what its settings name, and nothing else.

    A statement about something that no setting names is left out.
    """
    statements = [each for capability in switched_on for each in capability.statements]
    return _policy(
        [
            each if each.stays else each._replace(about=[_LEFT_TO_PEOPLE, *each.about])
            for each in statements
        ],
        _values(settings, place) | {'function': function},
    )


def of_a_person(
    switched_on: Sequence[Capability], settings: Mapping[str, Any], place: Place = THIS_STACK
) -> dict[str, Any]:
    """Return the policy of the role that is assumed for a person, who its session's tags name."""
    values = _values(settings, place)
    values |= person_patterns.values(settings, values['DOCUMENTS_PREFIX'])
    statements = [each for capability in switched_on for each in capability.person]
    return _policy(statements, values)


def own_statements(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy that are somebody's own, and stay in it."""
    known = {each.sid for one in capabilities.of_a_stage() for each in one.statements}
    present = policy.get('Statement', [])
    statements = [present] if isinstance(present, dict) else present  # IAM takes one by itself
    return [each for each in statements if each.get('Sid') not in known | set(_OF_A_VPC)]


def network_interfaces(function: str, place: Place = THIS_STACK) -> list[dict[str, Any]]:
    """Return the statements by which Lambda can put a function into a VPC.

    The function's own code is denied what they allow.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    see, join, leave = _OF_A_VPC
    looking = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets']
    changing = [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:UnassignPrivateIpAddresses',
    ]
    # A subnet may be another account's, which shares it.
    networks = _filled('arn:{partition}:ec2:{region}:*:*/*', place._asdict())
    code = _filled(
        'arn:{partition}:lambda:{region}:{account}:function:{function}',
        {'function': function, **place._asdict()},
    )
    return [
        {'Sid': see, 'Effect': 'Allow', 'Action': looking, 'Resource': '*'},
        {'Sid': join, 'Effect': 'Allow', 'Action': changing, 'Resource': networks},
        {
            'Sid': leave,
            'Effect': 'Deny',
            'Action': looking + changing,
            'Resource': '*',
            'Condition': {'ArnEquals': {'lambda:SourceFunctionArn': code}},
        },
    ]


def _values(settings: Mapping[str, Any], place: Place) -> dict[str, Any]:
    folder = settings.get('DOCUMENTS_PREFIX', '').strip('/')
    return {
        **settings,
        **place._asdict(),
        # As Fn::Sub writes what is not its own.
        'sub': '${!aws:PrincipalTag/sub}',
        'owner': '${!aws:PrincipalTag/owner}',
        'DOCUMENTS_PREFIX': f'{folder}/' if folder else '',
        'executions': _executions(settings.get('WORKFLOW_STATE_MACHINE_ARN', '')),
    }


def _policy(statements: Sequence[Statement], values: Mapping[str, Any]) -> dict[str, Any]:
    present = [_about(_unbound(each), each.about, values) for each in statements]
    return {
        'Version': '2012-10-17',
        'Statement': [each for each in present if each != NO_VALUE],
    }


def _unbound(statement: Statement) -> dict[str, Any]:
    """Return a statement as IAM has it, but for what it is about."""
    allowed = {'Sid': statement.sid, 'Effect': 'Allow', 'Action': list(statement.actions)}
    return {**allowed, **({'Condition': statement.condition} if statement.condition else {})}


def _about(
    statement: dict[str, Any],
    choices: Sequence[About],
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a statement about what there is, NO_VALUE, or a choice of them by Fn::If."""
    for number, choice in enumerate(choices):
        if not values.get(choice.setting):
            continue
        resources = [_filled(pattern, values) for pattern in choice.arns]
        about: dict[str, Any] = {**statement, 'Resource': resources} if resources else NO_VALUE
        if choice.condition:
            about['Condition'] = {
                operator: {key: values.get(given, given) for key, given in keys.items()}
                for operator, keys in choice.condition.items()
            }
        condition, _ = _condition(values[choice.setting])
        if not condition:
            return about
        return {'Fn::If': [condition, about, _about(statement, choices[number + 1 :], values)]}
    return NO_VALUE


def _condition(value: Any) -> tuple[str, Any]:
    """Return the condition under which there is a value, if it has one, and the value itself."""
    match value:
        case {'Fn::If': [str(condition), inner, otherwise]} if otherwise == NO_VALUE:
            return condition, inner
    return '', value


def _filled(pattern: str, values: Mapping[str, Any]) -> Any:
    """Return a pattern with its values, by Fn::Sub where these are CloudFormation's."""
    names = {name for _, name, _, _ in Formatter().parse(pattern) if name}
    found = {name: _condition(values.get(name, ''))[1] for name in names}
    functions = {name: value for name, value in found.items() if not isinstance(value, str)}
    text = pattern.format(**found | {name: f'${{{name}}}' for name in functions})
    if not functions and '${AWS::' not in text:
        return text.replace('${!', '${')
    if len(functions) == 1 and pattern == f'{{{next(iter(functions))}}}':
        return next(iter(functions.values()))
    return {'Fn::Sub': [text, dict(sorted(functions.items()))] if functions else text}


def _executions(state_machine: Any) -> Any:
    if isinstance(state_machine, str):
        return state_machine.replace(':stateMachine:', ':execution:')
    _, arn = _condition(state_machine)
    return {'Fn::Join': [':execution:', {'Fn::Split': [':stateMachine:', arn]}]}
