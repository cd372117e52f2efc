"""Which documents and records a person may see: the patterns of two settings.

    DOCUMENTS_PREFIXES=shared/, people/{sub}/, groups/{group}/
    RECORDS_KEYS=CUSTOMER#*, USER#{sub}, GROUP#{group}

{sub} is the person, {group} is each of their groups. expanded() says what the patterns are for a
person; what the code checks, the policy of the person's session, and that of the role which
is assumed for everybody all come from it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

# Below it, everybody has a folder of their own, whatever the patterns are.
UPLOADS = 'uploads/'
SUB, GROUP = '{sub}', '{group}'

_PLACEHOLDER = re.compile(r'\{[^{}]*\}')
# What has a meaning to IAM or to the language itself, or can't be seen.
_NOT_IN_PATTERNS = re.compile(r'[*?$\x00-\x1f\x7f\ud800-\udfff]')
_NO_SEGMENT = re.compile(r'^/|//|(^|/)\.\.?/')
# Beside a placeholder no character may stand that can be part of a sub or a group's name.
_STANDS_BY_ITSELF = re.compile(r'(?<![\w.@+=*{}-])\{(sub|group)\}(?![\w.@+=*{}-])')


class InvalidPattern(ValueError):
    """A pattern is none of the language; the message says what is wrong with it."""


def of_documents(setting: str) -> tuple[str, ...]:
    """Return the patterns of DOCUMENTS_PREFIXES: each is a folder, that of uploads is not named.

    Raises InvalidPattern.
    """
    patterns = _listed(setting)
    for pattern in patterns:
        _check(pattern, pattern)
        if not pattern.endswith('/'):
            raise InvalidPattern(f'{pattern} does not end in /')
        if _NO_SEGMENT.search(pattern):
            raise InvalidPattern(f'{pattern} has a segment that is empty, . or ..')
        if pattern.startswith(UPLOADS):
            raise InvalidPattern(f'{pattern} is in {UPLOADS}, where everybody has a folder anyway')
        if any('{' in part and part not in (SUB, GROUP) for part in pattern.split('/')):
            raise InvalidPattern(f'{pattern} has a {{sub}} or {{group}} that is no whole segment')
    kept = [each for each in patterns if not _is_within_another(each, patterns)]
    _refuse_ambiguous([*kept, f'{UPLOADS}{SUB}/'] if kept else [])
    return tuple(kept)


def of_records(setting: str) -> tuple[str, ...]:
    """Return the patterns of RECORDS_KEYS: each is a partition key, or how keys begin and a star.

    Raises InvalidPattern.
    """
    patterns = _listed(setting)
    for pattern in patterns:
        _check(pattern, pattern.removesuffix('*'))
    beginnings = [each[:-1] for each in patterns if each.endswith('*')]
    kept = [each for each in patterns if not _is_within_another(each.removesuffix('*'), beginnings)]
    _refuse_ambiguous(kept)
    return tuple(kept)


def expanded(patterns: Iterable[str], sub: str, groups: Sequence[str]) -> tuple[str, ...]:
    """Return what patterns are for a person, in order.

    The groups are those of Caller.groups_that_count: other names could be read as something else.
    """
    found = {
        pattern.replace(SUB, sub).replace(GROUP, group)
        for pattern in patterns
        for group in (groups if GROUP in pattern else ('',))
    }
    return tuple(sorted(found))


def outermost(folders: Iterable[str]) -> tuple[str, ...]:
    """Return of folders, in order, those that are in none of the others."""
    found = sorted(set(folders))
    return tuple(each for each in found if not _is_within_another(each, found))


def allows(expanded_keys: Iterable[str], key: str) -> bool:
    """Tell whether a partition key is one of those that RECORDS_KEYS is expanded to."""
    return any(
        key.startswith(each[:-1]) if each.endswith('*') else key == each for each in expanded_keys
    )


def _listed(setting: str) -> list[str]:
    patterns = [each.strip() for each in setting.split(',')]
    if patterns == ['']:
        return []
    if '' in patterns:
        raise InvalidPattern('there is nothing between two commas, or after the last')
    return list(dict.fromkeys(patterns))


def _check(pattern: str, literal: str) -> None:
    if found := _NOT_IN_PATTERNS.search(literal):
        raise InvalidPattern(f'{pattern!r} has the character {found[0]!r}')
    for placeholder in _PLACEHOLDER.findall(literal):
        if placeholder not in (SUB, GROUP):
            raise InvalidPattern(f'{pattern} has {placeholder}; there are {SUB} and {GROUP}')
    alone = _STANDS_BY_ITSELF.sub('', literal if literal == pattern else f'{literal}*')
    if {'{', '}'} & set(alone):
        raise InvalidPattern(f'{pattern} has a brace or a placeholder that does not stand alone')


def _is_within_another(text: str, others: Iterable[str]) -> bool:
    return any(text.startswith(other) and text != other for other in others)


def _refuse_ambiguous(patterns: Sequence[str]) -> None:
    """Refuse a pattern where {group} of another stands: a group may be named like anything."""
    for pattern, before in _before_group(patterns):
        for other in patterns:
            if other.startswith(before) and not other.startswith(before + GROUP):
                raise InvalidPattern(f'{other} may be a group of {pattern}: let it begin otherwise')


def _before_group(patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        before, found, _ = pattern.partition(GROUP)
        if found:
            yield pattern, before
