"""`ops remove-capability`: a capability is taken out of a checkout, for good."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import capabilities
from capabilities.capability import Capability
from ops.project import pages, routes
from ops.stage import json_file
from ops.stage.stage import LOCAL, PROJECT


@click.command('remove-capability', epilog='Example: python -m ops remove-capability workflows')
@click.argument('name', type=click.Choice(capabilities.NAMES))
def remove_capability(name: str) -> None:
    """Take a capability out of this checkout: its folders, and its rows elsewhere.

    It deploys nothing and commits nothing: look at what it did with `git diff`. To leave a
    capability out of a stage only, list the others in .chalice/config.json.
    """
    for line in remove(PROJECT, name):
        click.echo(line)
    click.echo('Next: make lint, make test, and git diff.')


def remove(project: Path, name: str) -> Iterator[str]:
    """Take a capability out of a project; yield what is done, a line each.

    Raises FileRefused.
    """
    (capability,) = (each for each in capabilities.EVERY if each.name == name)
    app = project / 'app.py'
    source = app.read_text('utf-8')
    names = set(_names(project, capability)) | set(routes.operations(source, name))
    app.write_text(routes.without(source, name), 'utf-8')
    yield 'app.py: its routes are taken out'
    for path in _own(project, capability):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield f'{path.relative_to(project)}: deleted'
    yield from _settings(project, capability)
    for file in sorted([*project.glob('*.md'), *(project / 'docs').glob('*.md')]):
        page = file.read_text('utf-8')
        left = pages.without(page, names, [*capability.pages, *_folders(capability)])
        if left != page:
            file.write_text(left, 'utf-8')
            yield f'{file.relative_to(project)}: its rows are taken out'
    yield from _requirements(project, capability)
    _forget_imports(project, capability)


def _forget_imports(project: Path, capability: Capability) -> None:
    """Let a room of which modules stay, for others to read, import nothing in the page of rooms."""
    file = project / 'docs' / 'architecture.md'
    row = rf'(?m)^(\| `chalicelib\.{capability.name}` \| [^|]+ \| ).*\|$'
    file.write_text(re.sub(row, r'\1nothing |', file.read_text('utf-8')), 'utf-8')


def _own(project: Path, capability: Capability) -> list[Path]:
    name = capability.name
    code = project / 'chalicelib' / name
    read = {'__init__.py', *capability.read_by_others} if capability.read_by_others else set()
    own = [
        *([each for each in code.iterdir() if each.name not in read] if read else [code]),
        project / 'tests' / name,
        project / 'capabilities' / f'{name}.py',
        project / 'resources' / f'{name}.json',
        *(project / 'docs' / page for page in capability.pages),
    ]
    return [path for path in own if path.exists()]


def _folders(capability: Capability) -> list[str]:
    """Return the folders that links to its files lead to."""
    return [f'{room}/{capability.name}' for room in ('chalicelib', 'tests')]


def _names(project: Path, capability: Capability) -> Iterator[str]:
    """Yield what documentation has rows for: settings, permissions, parts of the template."""
    if not capability.read_by_others:
        yield f'chalicelib.{capability.name}'
    yield from _variables(project, capability)
    template = json_file.read(project / 'resources' / f'{capability.name}.json')
    for section in template.values():
        if isinstance(section, dict):
            yield from section
    others = {
        action
        for each in capabilities.of_a_stage()
        if each is not capability
        for statement in each.statements
        for action in statement.actions
    }
    for statement in capability.statements:
        yield from set(statement.actions) - others


def _variables(project: Path, capability: Capability) -> set[str]:
    """Return the function's variables that only this capability reads."""
    own = project / 'chalicelib' / capability.name / 'settings.py'
    read = {
        file: set(re.findall(r"'([A-Z_]{5,})'", file.read_text('utf-8')))
        for file in (project / 'chalicelib').rglob('settings.py')
    }
    others = {name for file, names in read.items() if file != own for name in names}
    return (read[own] | set(capability.settings)) - others


def _settings(project: Path, capability: Capability) -> Iterator[str]:
    file = project / '.chalice' / 'config.json'
    config = json_file.read(file)
    before = json.dumps(config)
    variables: dict[str, Any] = config['stages'][LOCAL]['environment_variables']
    for name in capability.settings:
        variables.pop(name, None)
    for stage in (config, *config['stages'].values()):
        if 'capabilities' in stage:
            stage['capabilities'] = [n for n in stage['capabilities'] if n != capability.name]
    if json.dumps(config) != before:
        json_file.replace(file, config)
        yield '.chalice/config.json: its settings of the stage local are taken out'


def _requirements(project: Path, capability: Capability) -> Iterator[str]:
    if capability.read_by_others:
        return  # what stays of it needs them
    file = project / 'requirements.txt'
    lines = file.read_text('utf-8').splitlines(keepends=True)
    kept = [line for line in lines if line.partition('==')[0] not in capability.requirements]
    if kept != lines:
        file.write_text(''.join(kept), 'utf-8')
        yield f'requirements.txt: {", ".join(capability.requirements)} is taken out'
