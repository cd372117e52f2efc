"""What the documentation says is held against the code."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import app
from chalicelib.routes import operation_routes

ROOT = Path(__file__).parent.parent
README = (ROOT / 'README.md').read_text()
DOCUMENTS = sorted([*ROOT.glob('*.md'), *(ROOT / 'docs').glob('*.md')])
EVERYTHING = '\n'.join(document.read_text() for document in DOCUMENTS)


@pytest.mark.parametrize('document', DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r'```.*?```', '', document.read_text(), flags=re.DOTALL)
    links = re.findall(r'\]\((?!https?:|#)([^)#\s]+)', text)

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_readme_has_every_make_target_and_no_other() -> None:
    makefile = (ROOT / 'Makefile').read_text()
    targets = set(re.findall(r'^([a-z]+):.*##', makefile, flags=re.MULTILINE)) - {'help'}

    assert set(re.findall(r'`make ([a-z]+)', README)) == targets


def test_readme_has_every_setting() -> None:
    code = (ROOT / 'chalicelib' / 'settings.py').read_text()
    own = set(re.findall(r"'([A-Z_]{5,})'", code)) - {'AWS_LAMBDA_FUNCTION_NAME'}
    table = set(re.findall(r'^\| `([A-Z_]+)` \|', README, flags=re.MULTILINE))

    assert own | {'API_PORT', 'EMULATOR_PORT'} == table


def test_documentation_has_every_permission_and_no_other() -> None:
    policy = json.loads((ROOT / '.chalice' / 'policy-local.json').read_text())
    actions = {action for statement in policy['Statement'] for action in statement['Action']}
    table = re.findall(
        r'^\| (`\w.*?) \|', (ROOT / 'docs' / 'permissions.md').read_text(), re.MULTILINE
    )

    assert {name for names in table for name in re.findall(r'`([^`]+)`', names)} == actions


def test_documentation_names_every_operation() -> None:
    assert [r.operation.id for r in operation_routes(app) if r.operation.id not in EVERYTHING] == []


def test_adding_an_operation_works_as_the_readme_says(tmp_path: Path) -> None:
    blocks = dict(re.findall(r'```python\n# ([\w/.]+)\n(.*?)```', README, flags=re.DOTALL))
    assert set(blocks) == {'chalicelib/greeting.py', 'app.py', 'tests/test_greeting.py'}
    ignored = shutil.ignore_patterns('__pycache__')
    for folder in ('chalicelib', 'tests'):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / 'pyproject.toml', tmp_path)
    routes, separator, end = (ROOT / 'app.py').read_text().partition('# A wrong declaration')
    added = '' if blocks['app.py'] in routes else blocks['app.py'] + '\n\n'
    (tmp_path / 'app.py').write_text(routes + added + separator + end)
    for name in ('chalicelib/greeting.py', 'tests/test_greeting.py'):
        (tmp_path / name).write_text(blocks[name])

    run = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', 'tests/test_greeting.py', 'tests/test_app.py'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
