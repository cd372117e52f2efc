"""What a capability has beside its code: settings, permissions, and things that hold data."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# How many patterns a person's role has room for.
MAX_FOLDERS = 6

# The value of keys, by operator.
Condition = Mapping[str, Mapping[str, str]]


class About(NamedTuple):
    """The ARNs that a statement is about where a setting has a value, and under which condition.

    In ARNs `{…}` is a setting, or a place: {partition}, {region}, {account}, {function}; in a
    person's role {sub} and {owner} are that person, and {folder_0} to {folder_5} the patterns of
    DOCUMENTS_PREFIXES. As values of a condition, `folders` and `keys` are all patterns of that and
    of RECORDS_KEYS. No ARNs: the statement is left out then.
    """

    setting: str
    arns: Sequence[str]
    condition: Condition | None = None


class Statement(NamedTuple):
    """A statement of a policy.

    What it is about is said by the first of ``about`` whose setting there is. ``condition`` is as
    IAM has it. ``stays`` says that the function itself may do it also where people have a role.
    """

    sid: str
    actions: Sequence[str]
    about: Sequence[About]
    condition: Condition | None = None
    stays: bool = False


class Kept(NamedTuple):
    """A resource that stays when its stack goes, by its logical id in the template.

    ``parameter`` is how a new stack uses it, ``output`` what names it, ``removal`` how somebody
    removes it for good; `{id}` is its name.
    """

    what: str
    parameter: str = ''
    output: str = ''
    removal: str = ''


class Capability(NamedTuple):
    """One row of the table; `resources/<name>.json` is its part of the template.

    ``settings`` are the function's variables that are outputs of the same name in CamelCase, and
    ``in_use`` the parameters by which a first stack takes over what they name already.
    ``statements`` are what the function may do; where people have a role these go, and ``person``
    is what a person may do. ``lost`` tells, by type, what goes with a resource that is replaced or
    removed. ``emptied`` are buckets of what nobody needs for long: they are emptied when they go.
    ``pages`` are its own in docs/, ``requirements`` the libraries that no other code of the
    function needs, ``read_by_others`` modules of it that the emulator reads as well.
    """

    name: str
    settings: Sequence[str] = ()
    in_use: Mapping[str, str] = {}
    statements: Sequence[Statement] = ()
    person: Sequence[Statement] = ()
    kept: Mapping[str, Kept] = {}
    lost: Mapping[str, str] = {}
    emptied: Sequence[str] = ()
    pages: Sequence[str] = ()
    requirements: Sequence[str] = ()
    read_by_others: Sequence[str] = ()
