"""An app with one operation of each kind, for the tests of what operations have in common."""

from typing import Annotated, Literal

from chalice.app import Chalice, Response
from msgspec import Meta, Struct, field

from chalicelib import errors, observability
from chalicelib.http_request import Request
from chalicelib.identity import Caller, authorizer
from chalicelib.mcp import endpoint
from chalicelib.operation import operation
from chalicelib.settings import MissingSetting


class Note(Request):
    """A note to keep."""

    title: Annotated[str, Meta(description='Its title.', max_length=20)]
    stars: Annotated[int, Meta(description='How good it is.', ge=1, le=5)] = 3
    tags: Annotated[list[str], Meta(description='Words to find it by.')] = field(
        default_factory=list
    )


class Search(Request):
    """Which notes to find."""

    folder: Annotated[str, Meta(description='Where to look.')]
    limit: Annotated[int, Meta(description='At most so many.')] = 10
    order: Annotated[Literal['new', 'old'], Meta(description='Which first.')] = 'new'


class Answer(Struct):
    """What the operation was called with."""

    said: Annotated[str, Meta(description='The request, as Python shows it.')]


app = Chalice('example', configure_logs=False)
observability.observe(app)
app.register_middleware(errors.add_remedy, 'http')


@app.route('/notes', methods=['POST'], authorizer=authorizer, cors=True)
@operation('addNote', consequential=True)
def add_note(note: Note, caller: Caller) -> Answer:
    """Keeps a note.

    It is kept for the person
    who is signed in.

    And for nobody else.
    """
    return Answer(said=f'{caller.username} {note.title} {note.stars} {note.tags}')


@app.route('/notes/{folder}', methods=['GET'], authorizer=authorizer, cors=True)
@operation('findNotes')
def find_notes(search: Search) -> Answer:
    """Finds notes."""
    return Answer(said=f'{search.folder} {search.limit} {search.order}')


@app.route('/admin', methods=['POST'], authorizer=authorizer, cors=True)
@operation('administer', group='admins')
def administer(caller: Caller) -> Answer:
    """Administers."""
    return Answer(said=' and '.join(caller.groups))


@app.route('/broken', methods=['POST'], authorizer=authorizer, cors=True)
@operation('breakDown')
def break_down() -> Answer:
    """Breaks down."""
    raise LookupError('secret-in-the-message')


@app.route('/unset', methods=['POST'], authorizer=authorizer, cors=True)
@operation('needSetting')
def need_setting() -> Answer:
    """Needs a setting that is not there."""
    raise MissingSetting('COGNITO_USER_POOL_ARN', 'an example')


@app.route('/mcp', methods=['POST'], authorizer=authorizer)
def model_context_protocol() -> Response:
    """Serves them all as tools."""
    return endpoint.serve(app)
