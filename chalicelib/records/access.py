"""Which keys of records a person may ask for, and how a session of theirs is kept to them."""

from chalicelib.identity import Caller
from chalicelib.person import patterns
from chalicelib.person.rights import Narrowed, Reach
from chalicelib.records import settings


def configured() -> tuple[str, ...]:
    """Return the patterns of keys that there are for everybody; raises MissingSetting."""
    return settings.records_keys()


def keys(caller: Caller) -> tuple[str, ...] | None:
    """Return the partition keys that RECORDS_KEYS gives a caller; None means all."""
    found = settings.records_keys()
    return patterns.expanded(found, caller.sub, caller.groups_that_count) if found else None


def reach(caller: Caller) -> Reach:
    """Tell a caller which keys are theirs to ask for."""
    found = keys(caller)
    notes = ['These are the keys of findRecords: a record under any other is as if it were not.']
    return Reach(
        of='records',
        allowed=None if found is None else list(found),
        notes=[] if found is None else notes,
    )


def of_groups(caller: Caller, _partition: str) -> Narrowed | None:
    """Return what keeps a session to the keys of the caller's groups, if groups have any."""
    found = [each for each in settings.records_keys() if patterns.GROUP in each]
    if not found:
        return None
    anybodys = patterns.expanded(found, '*', ['*'])
    theirs = patterns.expanded(found, caller.sub, caller.groups_that_count)
    conditions = [{'ForAllValues:StringNotLike': {'dynamodb:LeadingKeys': anybodys}}]
    if theirs:
        conditions.append({'ForAllValues:StringLike': {'dynamodb:LeadingKeys': theirs}})
    action = 'dynamodb:Query'
    return Narrowed(
        [action], [{'Action': action, 'Resource': '*', 'Condition': each} for each in conditions]
    )
