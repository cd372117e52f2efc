"""What the documentation says is held against the code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import capabilities
from app import app
from chalicelib.operations.routes import operation_routes
from ops.__main__ import main as ops
from ops.project import routes
from tests.support.stages.checkout import CHECKS, Checkout

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / 'README.md').read_text()
README_JA = (ROOT / 'README.ja.md').read_text()
DOCUMENTS = sorted([*ROOT.glob('*.md'), *(ROOT / 'docs').glob('*.md')])
EVERYTHING = '\n'.join(document.read_text() for document in DOCUMENTS)


@pytest.mark.parametrize('document', DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r'```.*?```', '', document.read_text(), flags=re.DOTALL)
    links = re.findall(r'\]\((?!https?:|#)([^)#\s]+)', text)

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize('document', DOCUMENTS, ids=lambda document: document.name)
def test_links_into_a_page_lead_to_a_heading(document: Path) -> None:
    links = re.findall(r'\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)', document.read_text())
    targets = [(document.parent / file if file else document, anchor) for file, anchor in links]

    assert [anchor for page, anchor in targets if anchor not in anchors(page.read_text())] == []


def anchors(text: str) -> set[str]:
    """Return how GitHub names the headings of a page."""
    headings = re.findall(r'^#+ (.*)\n\n', text, re.MULTILINE)
    return {re.sub(r'[^\w -]', '', heading.lower()).replace(' ', '-') for heading in headings}


def test_readme_has_every_make_target_and_no_other() -> None:
    makefile = (ROOT / 'Makefile').read_text()
    targets = set(re.findall(r'^([a-z]+):.*##', makefile, flags=re.MULTILINE)) - {'help'}

    assert set(re.findall(r'`make ([a-z]+)', README)) == targets


def test_page_of_settings_has_every_one() -> None:
    code = '\n'.join(file.read_text() for file in (ROOT / 'chalicelib').rglob('settings.py'))
    own = set(re.findall(r"'([A-Z_]{5,})'", code)) - {'AWS_LAMBDA_FUNCTION_NAME'}
    page = (ROOT / 'docs' / 'settings.md').read_text()
    table = set(re.findall(r'^\| `([A-Z_]+)` \|', page, flags=re.MULTILINE))

    assert own | {'API_PORT', 'EMULATOR_PORT'} == table


def test_documentation_has_every_permission_and_no_other() -> None:
    actions = {
        action
        for each in capabilities.of_a_stage()
        for statement in each.statements
        for action in statement.actions
    }
    table = re.findall(
        r'^\| (`\w.*?) \|', (ROOT / 'docs' / 'permissions.md').read_text(), re.MULTILINE
    )

    assert {name for names in table for name in re.findall(r'`([^`]+)`', names)} == actions


def test_documented_ops_commands_and_their_options_are_there() -> None:
    """What is shown of `python -m ops`, up to the end of the line or of the code."""
    shown = set(re.findall(r'python -m ops ([a-z-]+)([^\n`]*)', EVERYTHING))
    options = {
        name: {option for each in walk(command) for option in each.opts}
        for name, command in ops.commands.items()
    }
    unknown = [
        (name, option)
        for name, rest in shown
        for option in re.findall(r'(?<![\w-])--?[a-z][a-z-]*', re.sub(r"'[^']*'|  #.*", '', rest))
        if option not in options.get(name, set())
    ]

    assert {name for name, _ in shown} == set(options)
    assert unknown == []


def walk(command: click.Command) -> Iterator[click.Parameter]:
    """Yield the parameters of a command and of its subcommands."""
    yield from command.get_params(click.Context(command))
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from walk(each)


def test_documented_parameters_are_there() -> None:
    templates = [*(ROOT / 'resources').glob('*.json'), ROOT / '.chalice' / 'overlay.json']
    declared = {
        name for file in templates for name in json.loads(file.read_text()).get('Parameters', {})
    }

    assert set(re.findall(r'-p ([A-Z][a-z]\w*)=', EVERYTHING)) <= declared


@pytest.mark.parametrize('readme', ['README.md', 'README.ja.md'])
def test_readme_tables_have_the_operations_of_the_capabilities(readme: str) -> None:
    """A company's own may be there or not."""
    rows = r'^\| (`[a-z]\w+`(?:, `\w+`)*) \|'
    cells = re.findall(rows, (ROOT / readme).read_text(), re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r'`(\w+)`', cell)}
    operations = [route.operation for route in operation_routes(app)]

    missing = [each.id for each in operations if each.capability and each.id not in named]
    assert missing == [], f'{readme}: a row of the table of operations lacks them'
    assert {name for name in named if re.search('[A-Z]', name)} <= {e.id for e in operations}


def test_adding_an_operation_works_as_the_readme_says(tmp_path: Path) -> None:
    blocks = dict(re.findall(r'```python\n# ([\w/.]+)\n(.*?)```', README, flags=re.DOTALL))
    assert set(blocks) == {'chalicelib/greeting.py', 'app.py', 'tests/test_greeting.py'}
    checkout = Checkout(tmp_path / 'project')
    if "@operation('getGreeting')" not in (ROOT / 'app.py').read_text():
        add(checkout.folder, blocks)

    checkout.lint()
    checkout.run('-m', 'pytest', '-q', 'tests/test_greeting.py', *CHECKS)


def add(project: Path, blocks: dict[str, str]) -> None:
    """Add the operation of the README to a project, as it says."""
    for name in ('chalicelib/greeting.py', 'tests/test_greeting.py'):
        (project / name).write_text(blocks[name])
    imported, _, route = blocks['app.py'].partition('\n\n\n')
    module = imported.rpartition(' ')[2]
    app_file = project / 'app.py'
    app_file.write_text(routes.added(app_file.read_text(), module, route))


def sections(text: str) -> list[str]:
    """Return the sections of a document; what follows a heading, other than a comment, is empty."""
    return re.split(r'^(?=#+ .*\n\n)', text, flags=re.MULTILINE)[1:]


def facts(section: str) -> set[str]:
    """Return what a section says in any language: code, links, the sizes of tables, its level."""
    prose = re.sub(r'^```.*?^```', '', section, flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r'\]\((?!README)([^)]+)\)', prose)
    rows = re.findall(r'^\|.*', prose, re.MULTILINE)
    return {
        *(
            # Comments of commands are translated.
            re.sub(r' +# .*', '', block) if block.startswith('```sh') else block
            for block in re.findall(r'^```.*?^```', section, re.DOTALL | re.MULTILINE)
        ),
        *(f'`{code}`' for code in re.findall(r'`([^`]+)`', prose)),
        *(f'{links.count(link)} times {link}' for link in links),
        f'a table of {len(rows)} rows',
        f'a heading of level {len(section) - len(section.lstrip("#"))}',
    }


def test_japanese_readme_has_the_same_sections() -> None:
    assert len(sections(README_JA)) == len(sections(README)) > 10


@pytest.mark.parametrize(
    ('english', 'japanese'),
    list(zip(sections(README), sections(README_JA), strict=False)),
    ids=lambda section: section.partition('\n')[0].lstrip('# '),
)
def test_japanese_readme_says_the_same(english: str, japanese: str) -> None:
    left_out, added = facts(english) - facts(japanese), facts(japanese) - facts(english)

    assert (left_out, added) == (set(), set())
