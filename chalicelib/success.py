"""postSuccess: the smallest operation there is, to see that sign-in and the way here work."""

from typing import Annotated

from msgspec import Meta, Struct


class Success(Struct, frozen=True):
    """A JSON object indicating success."""

    success: Annotated[
        bool,
        Meta(description='Always true.', extra_json_schema={'example': True}),
    ]
