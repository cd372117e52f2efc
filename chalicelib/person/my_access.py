"""getMyAccess: who the person is to this API, and what they may reach, so that a model can tell."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.identity import Caller
from chalicelib.person import rights
from chalicelib.person.rights import Reach


class MyAccess(Struct):
    """Who the signed-in person is, and what applies to them."""

    sub: Annotated[
        str,
        Meta(description='The id of the person, which folders and keys of theirs are named by.'),
    ]
    username: Annotated[str, Meta(description='The name that the person has in the user pool.')]
    groups: Annotated[
        list[str], Meta(description='The groups of the person that give access to something.')
    ]
    groups_that_do_not_count: Annotated[
        list[str],
        Meta(
            description='Groups of the person whose names have characters that give no access: an '
            'administrator can rename them.'
        ),
    ]
    access: Annotated[
        list[Reach],
        Meta(description='What the person may reach, one entry for each kind of thing.'),
    ]


def get_my_access(caller: Caller) -> MyAccess:
    """Return a caller's own access, and nothing of anybody else's."""
    counting = caller.groups_that_count
    return MyAccess(
        sub=caller.sub,
        username=caller.username,
        groups=sorted(counting),
        groups_that_do_not_count=sorted({*caller.groups} - {*counting}),
        access=rights.reaches(caller),
    )
