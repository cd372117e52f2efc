"""Checks of who may reach which documents and records: the settings, the groups, the role."""

from typing import Any

from capabilities.capability import MAX_FOLDERS
from chalicelib import identity, settings
from chalicelib.person import rights
from ops.inspection.check import UP_AND_DEPLOY, Findings, error, subject, warning
from ops.inspection.facts import Facts
from ops.inspection.live import user_pool

check = subject('People')


@check(
    'people-settings',
    'Do the settings say whose documents and records are whose?',
    UP_AND_DEPLOY,
)
def _say_whose_is_whose(_facts: Facts) -> Findings:
    try:
        folders = rights.configured().get('documents')
        has_role = bool(settings.person_role_arn())
    except settings.MissingSetting as problem:
        yield error(str(problem).partition(' Whoever runs')[0])
        return ''
    if folders and len(folders) > MAX_FOLDERS:
        yield error(f'DOCUMENTS_PREFIXES has {len(folders)} folders, for {MAX_FOLDERS} in a role')
    if has_role and folders == ():
        yield warning('without DOCUMENTS_PREFIXES the role of a person may read every document')
    if has_role and settings.optional('DOCUMENTS_PREFIX'):
        yield error('DOCUMENTS_PREFIX is set, and the role of a person knows of no such folder')
    return 'each person has a role' if has_role else 'the function reaches data as itself'


@check(
    'people-groups',
    'Do the names of all groups count, where a group gives access to something?',
    'Make a group of another name, and put its members there: letters, digits and _.@+=- count.',
)
def _all_count(facts: Facts) -> Findings:
    pool = user_pool(facts)
    pages = facts.client('cognito-idp').get_paginator('list_groups').paginate(UserPoolId=pool['Id'])
    names = [group['GroupName'] for page in pages for group in page['Groups']]
    for name in names:
        if not identity.counts(name):
            yield warning(
                f'{name!r} gives access to nothing: its name has characters of another use'
            )
    return f'{len(names)} of {len(names)}'


@check(
    'person-role',
    'Is the role of a person bound to who the session is named after?',
    UP_AND_DEPLOY,
)
def _is_bound(facts: Facts) -> Findings:
    arn = settings.person_role_arn()
    if not arn:
        return 'people have none: AssumePersonRole=on gives them one'
    iam = facts.client('iam')
    try:
        role = iam.get_role(RoleName=arn.rpartition('/')[2])['Role']
    except iam.exceptions.NoSuchEntityException:
        yield error(f'there is no role {arn}, so nobody reaches anything')
        return ''
    statements = role['AssumeRolePolicyDocument']['Statement']
    if not any(_binds(each) for each in statements):
        yield error('its trust policy lets a session be named after somebody else than its tags')
    for each in statements:
        if 'ArnLike' not in each.get('Condition', {}):
            yield error('its trust policy lets others than the function assume it')
    return arn


def _binds(statement: dict[str, Any]) -> bool:
    wanted = dict.fromkeys(('sts:RoleSessionName', 'sts:SourceIdentity'), '${aws:RequestTag/sub}')
    given = statement.get('Condition', {}).get('StringEquals', {})
    return statement.get('Action') == 'sts:AssumeRole' and wanted.items() <= given.items()
