"""What a capability has beside its code: settings, permissions, and things that hold data."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Statement(NamedTuple):
    """A statement of the function's policy.

    What it is about is said by the first of these settings that there is, with the ARNs, in which
    `{…}` is a setting, or a place: {partition}, {region}, {account}, {function}. No ARNs: the
    statement is left out then.
    """

    sid: str
    actions: Sequence[str]
    about: Sequence[tuple[str, Sequence[str]]]
    condition: Mapping[str, Mapping[str, str]] | None = None


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
    ``lost`` tells, by type, what goes with a resource that is replaced or removed. ``emptied`` are
    buckets of what nobody needs for long: they are emptied when they go. ``pages`` are its own in
    docs/, ``requirements`` the libraries that no other code of the function needs.
    """

    name: str
    settings: Sequence[str] = ()
    in_use: Mapping[str, str] = {}
    statements: Sequence[Statement] = ()
    kept: Mapping[str, Kept] = {}
    lost: Mapping[str, str] = {}
    emptied: Sequence[str] = ()
    pages: Sequence[str] = ()
    requirements: Sequence[str] = ()
