"""The function's policy with the ARNs of what a stage really has, instead of names by convention.

The settings may be CloudFormation's intrinsic functions: then so are the ARNs.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any, NamedTuple

NO_VALUE = {'Ref': 'AWS::NoValue'}


class Place(NamedTuple):
    """Where a function runs."""

    partition: str
    region: str
    account: str


THIS_STACK = Place('${AWS::Partition}', '${AWS::Region}', '${AWS::AccountId}')

_WORKGROUP = 'arn:{partition}:redshift-serverless:{region}:{account}:workgroup/*'
_CLUSTER = 'arn:{partition}:redshift:{region}:{account}:cluster:{REDSHIFT_CLUSTER_IDENTIFIER}'
_DATABASE = (
    'arn:{partition}:redshift:{region}:{account}'
    ':dbname:{REDSHIFT_CLUSTER_IDENTIFIER}/{REDSHIFT_DATABASE}'
)
_DATABASE_USER = (
    'arn:{partition}:redshift:{region}:{account}'
    ':dbuser:{REDSHIFT_CLUSTER_IDENTIFIER}/{REDSHIFT_DB_USER}'
)
_RESULTS = 'arn:{partition}:s3:::{RESULTS_BUCKET_NAME}'
_DOCUMENTS = 'arn:{partition}:s3:::{DOCUMENTS_BUCKET_NAME}'
_RECORDS = 'arn:{partition}:dynamodb:{region}:{account}:table/{RECORDS_TABLE_NAME}'
_LOG = 'arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/{function}:*'

# What a statement is about is said by the first of these settings that there is.
_ABOUT: dict[str, list[tuple[str, list[str]]]] = {
    'WriteItsOwnLog': [('function', [_LOG])],
    'RunStatements': [
        ('REDSHIFT_CLUSTER_IDENTIFIER', [_CLUSTER]),
        ('REDSHIFT_WORKGROUP_NAME', [_WORKGROUP]),
    ],
    'ReadItsOwnStatements': [
        ('REDSHIFT_CLUSTER_IDENTIFIER', ['*']),
        ('REDSHIFT_WORKGROUP_NAME', ['*']),
    ],
    'SignInToTheWorkgroup': [
        ('REDSHIFT_SECRET_ARN', []),
        ('REDSHIFT_CLUSTER_IDENTIFIER', []),
        ('REDSHIFT_WORKGROUP_NAME', [_WORKGROUP]),
    ],
    'SignInToTheClusterAsUser': [
        ('REDSHIFT_SECRET_ARN', []),
        ('REDSHIFT_DB_USER', [_DATABASE_USER, _DATABASE]),
    ],
    'SignInToTheClusterAsRole': [
        ('REDSHIFT_SECRET_ARN', []),
        ('REDSHIFT_DB_USER', []),
        ('REDSHIFT_CLUSTER_IDENTIFIER', [_DATABASE]),
    ],
    'ReadTheDatabaseSecret': [('REDSHIFT_SECRET_ARN', ['{REDSHIFT_SECRET_ARN}'])],
    'KeepResults': [('RESULTS_BUCKET_NAME', [f'{_RESULTS}/sql/*'])],
    'ListResults': [('RESULTS_BUCKET_NAME', [_RESULTS])],
    'ReadDocuments': [('DOCUMENTS_BUCKET_NAME', [f'{_DOCUMENTS}/{{prefix}}*'])],
    'SaveDocuments': [('DOCUMENTS_BUCKET_NAME', [f'{_DOCUMENTS}/{{prefix}}uploads/*'])],
    'ListDocuments': [('DOCUMENTS_BUCKET_NAME', [_DOCUMENTS])],
    'FindRecords': [('RECORDS_TABLE_NAME', [_RECORDS])],
    'StartWorkflows': [('WORKFLOW_STATE_MACHINE_ARN', ['{WORKFLOW_STATE_MACHINE_ARN}'])],
    'FollowWorkflows': [('WORKFLOW_STATE_MACHINE_ARN', ['{executions}:*'])],
}

_OF_A_VPC = ('SeeNetworks', 'JoinTheVpc', 'LeaveTheVpcToLambda')


def exact(
    policy: Mapping[str, Any], settings: Mapping[str, Any], function: str, place: Place = THIS_STACK
) -> dict[str, Any]:
    """Return a policy that allows a function what its settings name, and nothing else.

    A statement is known by its Sid. One about something that no setting names is left out; one that
    is not known stays as it is.
    """
    values = {**settings, 'function': function, **place._asdict()}
    folder = settings.get('DOCUMENTS_PREFIX', '').strip('/')
    values['prefix'] = f'{folder}/' if folder else ''
    values['executions'] = _executions(settings.get('WORKFLOW_STATE_MACHINE_ARN', ''))
    statements = [
        _about(each, _ABOUT[each['Sid']], values) if each.get('Sid') in _ABOUT else each
        for each in policy['Statement']
    ]
    return {**policy, 'Statement': [each for each in statements if each != NO_VALUE]}


def complete(policy: Mapping[str, Any], every: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy with every statement that there can be, and after these its own others.

    Those of network_interfaces are left out.
    """
    known = {each['Sid'] for each in every['Statement']} | set(_OF_A_VPC)
    present = policy.get('Statement', [])
    statements = [present] if isinstance(present, dict) else present  # IAM takes one by itself
    own = [each for each in statements if each.get('Sid') not in known]
    return {**every, 'Statement': [*every['Statement'], *own]}


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


def _about(
    statement: dict[str, Any], choices: list[tuple[str, list[str]]], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a statement about what there is, NO_VALUE, or a choice of them by Fn::If."""
    for number, (setting, patterns) in enumerate(choices):
        if not values.get(setting):
            continue
        resources = [_filled(pattern, values) for pattern in patterns]
        about = {**statement, 'Resource': resources} if resources else NO_VALUE
        condition, _ = _condition(values[setting])
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
    if '${' not in text:
        return text
    if len(functions) == 1 and pattern == f'{{{next(iter(functions))}}}':
        return next(iter(functions.values()))
    return {'Fn::Sub': [text, dict(sorted(functions.items()))] if functions else text}


def _executions(state_machine: Any) -> Any:
    if isinstance(state_machine, str):
        return state_machine.replace(':stateMachine:', ':execution:')
    _, arn = _condition(state_machine)
    return {'Fn::Join': [':execution:', {'Fn::Split': [':stateMachine:', arn]}]}
