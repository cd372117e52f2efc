"""Which folders of documents a person may see, and how a session of theirs is kept to them."""

from typing import Any

from chalicelib import files
from chalicelib.documents import settings
from chalicelib.identity import Caller
from chalicelib.person import patterns
from chalicelib.person.patterns import UPLOADS
from chalicelib.person.rights import Narrowed, Reach
from chalicelib.settings import optional


def configured() -> tuple[str, ...]:
    """Return the patterns of folders that there are for everybody; raises MissingSetting."""
    if optional('DOCUMENTS_BUCKET_NAME'):
        settings.documents_bucket_name()
    return settings.documents_prefixes()


def folders(caller: Caller) -> tuple[str, ...] | None:
    """Return the folders that DOCUMENTS_PREFIXES gives a caller; None means all that are shared."""
    found = settings.documents_prefixes()
    if not found:
        return None
    return patterns.expanded(found, caller.sub, caller.groups_that_count)


def reach(caller: Caller) -> Reach:
    """Tell a caller which folders are theirs to see, and what fits into a conversation."""
    found = folders(caller)
    return Reach(
        of='documents',
        allowed=None if found is None else sorted([*found, f'{UPLOADS}{caller.sub}/']),
        notes=[
            f'What the person saves is in {UPLOADS}{caller.sub}/, which nobody else sees.',
            f'Up to {files.MAX_FILES} files at once, of up to {files.MAX_FILE_BYTES:,} bytes each.',
        ],
    )


def of_groups(caller: Caller, partition: str) -> Narrowed | None:
    """Return what keeps a session to the folders of the caller's groups, if groups have any."""
    found = [each for each in settings.documents_prefixes() if patterns.GROUP in each]
    if not found:
        return None
    prefix = settings.documents_prefix()
    bucket = f'arn:{partition}:s3:::{settings.documents_bucket_name()}/'
    anybodys = [f'{prefix}{each}*' for each in patterns.expanded(found, '*', ['*'])]
    own = patterns.expanded(found, caller.sub, caller.groups_that_count)
    theirs = [f'{prefix}{each}*' for each in own]
    statements: list[dict[str, Any]] = [
        {'Action': 's3:GetObject', 'NotResource': [bucket + each for each in anybodys]},
        _listing({'StringNotLike': {'s3:prefix': anybodys}}),
    ]
    if theirs:
        statements += [
            {'Action': 's3:GetObject', 'Resource': [bucket + each for each in theirs]},
            _listing({'StringLike': {'s3:prefix': theirs}}),
        ]
    return Narrowed(['s3:GetObject', 's3:ListBucket'], statements)


def _listing(condition: dict[str, Any]) -> dict[str, Any]:
    return {'Action': 's3:ListBucket', 'Resource': '*', 'Condition': condition}
