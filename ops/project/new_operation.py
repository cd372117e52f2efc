"""`ops new-operation`: the three edits of a new operation, to be filled in."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from chalicelib.operations.operation_id import view_name
from ops.project import routes
from ops.project.routes import MAX_CHARACTERS
from ops.stage.stage import PROJECT

_NAME = re.compile(r'[a-z][A-Za-z0-9]{1,50}')

_MODULE = '''"""{id}: what it does, in a line."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.http_request import Request
from chalicelib.identity import Caller


class {struct}Request(Request):
    """What is asked for."""

    name: Annotated[str, Meta(description='What it is about.', max_length=100)]


class {struct}Answer(Struct):
    """What comes of it."""

    text: Annotated[str, Meta(description='What to tell the person.')]


def {view}(request: {struct}Request, caller: Caller) -> {struct}Answer:
    """Answer for the caller."""
    return {struct}Answer(text=f'{{request.name}}, for {{caller.username}}')
'''

_ROUTE = '''@app.route('/{view}', methods=['POST'], authorizer=authorizer, cors=True)
@operation('{id}')
{signature}
    """Says in one line what it does.

    Says when to use it, and what comes of it: the model reads both.
    """
    return {module}.{view}(request, caller)
'''

_TEST = '''"""{id}: what it answers, and to whom."""

import json

from app import app
from tests.support.people.verified_calls import JANE, call
from tests.support.scenario import Scenario

# Each front and every client call it with these arguments, and the policy is held against it.
SCENARIOS = {{'{id}': Scenario({{'name': 'tea'}})}}


def test_answers_the_caller() -> None:
    response = call(app, 'POST', '/{view}', body=json.dumps({{'name': 'tea'}}).encode())

    assert response.json_body == {{'text': f'tea, for {{JANE["username"]}}'}}
'''


class NotAdded(click.ClickException):
    """An operation of that name can't be added; the message says why."""


@click.command('new-operation', epilog='Example: python -m ops new-operation getInvoice')
@click.argument('name')
def new_operation(name: str) -> None:
    """Add an operation to this checkout: a module, its route and its test, which passes.

    NAME is its operationId, such as getInvoice.
    """
    for line in add(PROJECT, name):
        click.echo(line)
    click.echo('Next: say in these three what it does, and then make test.')


def add(project: Path, name: str) -> Iterator[str]:
    """Add an operation to a project; yield what is done, a line each.

    Raises NotAdded, before anything is written.
    """
    if not _NAME.fullmatch(name):
        raise NotAdded(f'{name} is no name such as getInvoice: a small letter, letters and digits.')
    view = view_name(name)
    module = _module(project, view)
    files = {
        f'chalicelib/{module}.py': _MODULE,
        f'tests/test_{view}.py': _TEST,
    }
    app = project / 'app.py'
    source = app.read_text('utf-8')
    if f"@operation('{name}'" in source or f'def {view}(' in source:
        raise NotAdded(f'app.py has {name} already.')
    if there := [file for file in files if (project / file).exists()]:
        raise NotAdded(f'{there[0]} is there already: choose another name, or edit that.')
    words = {'id': name, 'view': view, 'module': module, 'struct': name[0].upper() + name[1:]}
    words['signature'] = _signature(words)
    for file, template in files.items():
        (project / file).write_text(template.format(**words), 'utf-8')
        yield f'{file}: written'
    app.write_text(routes.added(source, module, _ROUTE.format(**words)), 'utf-8')
    yield f'app.py: POST /{view} is added'


def _module(project: Path, view: str) -> str:
    """Return a name for the module: the noun of the operation's, where nothing else has it."""
    noun = view.partition('_')[2]
    source = (project / 'app.py').read_text('utf-8')
    taken = re.search(rf'\b{noun}\b', source) or list((project / 'chalicelib').glob(f'{noun}*'))
    return f'{view}_operation' if not noun or taken else noun


def _signature(words: dict[str, str]) -> str:
    """Return the first line of the view, in several where it is too long for one."""
    arguments = '{module}.{struct}Request, caller: Caller'.format(**words)
    answer = '{module}.{struct}Answer:'.format(**words)
    line = f'def {words["view"]}(request: {arguments}) -> {answer}'
    if len(line) <= MAX_CHARACTERS:
        return line
    return f'def {words["view"]}(\n    request: {arguments}\n) -> {answer}'
