"""What the patterns of DOCUMENTS_PREFIXES and RECORDS_KEYS are in the policy of a person's role.

{sub} is a tag of the session, and {group} is any group: the session's own policy knows which. The
settings may be CloudFormation's intrinsic functions, which can't make ARNs by the number of
patterns: so there is room for some, and those that are not given are the person's own folder.
"""

from collections.abc import Mapping
from typing import Any

from capabilities.capability import MAX_FOLDERS
from chalicelib.person.patterns import GROUP, SUB, UPLOADS, expanded

_TAG = '${aws:PrincipalTag/sub}'
_OWN = f'{UPLOADS}{SUB}/'


def values(settings: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Return what stands for patterns in a policy: each folder, and the values of conditions.

    ``folder`` is the one that all documents are in.
    """
    prefixes, keys = (
        _without_condition(settings.get(name, ''))
        for name in ('DOCUMENTS_PREFIXES', 'RECORDS_KEYS')
    )
    folders = _each(prefixes)
    return {
        **{f'folder_{n}': each for n, each in enumerate(folders)},
        'folders': _listed(prefixes, folder),
        'keys': _listed(keys),
    }


def _each(text: Any) -> list[Any]:
    """Return each folder, as many as there is room for."""
    if isinstance(text, str):
        own = expanded([_OWN], _TAG, [])
        return [*expanded(_split(text), _TAG, ['*']), *own * MAX_FOLDERS][:MAX_FOLDERS]
    padded = {'Fn::Join': [',', [text, ','.join([_OWN] * (MAX_FOLDERS - 1))]]}
    whole = {'Fn::Split': [',', _substituted(padded)]}
    return [{'Fn::Select': [n, whole]} for n in range(MAX_FOLDERS)]


def _listed(text: Any, folder: str | None = None) -> Any:
    """Return all patterns as the values of a condition: keys, or what is in folders."""
    ending, own = ('', []) if folder is None else ('*', [_OWN])
    if isinstance(text, str):
        found = [*_split(text), *own]
        return [f'{folder or ""}{each}{ending}' for each in expanded(found, _TAG, ['*'])]
    if not own:
        return {'Fn::Split': [',', _substituted(text)]}
    starred = {'Fn::Join': ['*,', {'Fn::Split': [',', text]}]}
    whole = {'Fn::Join': ['*,', [starred, f'{_OWN}*']]}
    return {'Fn::Split': [',', _substituted(whole)]}


def _substituted(text: Any) -> Any:
    for placeholder, meaning in ((SUB, _TAG), (GROUP, '*')):
        text = {'Fn::Join': [meaning, {'Fn::Split': [placeholder, text]}]}
    return text


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(',') if each.strip()]


def _without_condition(value: Any) -> Any:
    match value:
        case {'Fn::If': [_, inner, {'Ref': 'AWS::NoValue'}]}:
            return inner
    return value
