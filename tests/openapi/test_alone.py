"""The linter without the rest of this repository: installed alone, as a hook and in a workflow."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from openapi_lint.findings.version import NAME, VERSION
from tests.openapi.notes import NOTES

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / 'openapi_lint'
DOCS = (ROOT / 'docs' / 'openapi.md').read_text()
BROKEN = NOTES.replace('//api', '//API')


def shown(start: str) -> Any:
    """Return the YAML of the documentation that starts so."""
    blocks = re.findall(r'```yaml\n(.*?)```', DOCS, flags=re.DOTALL)
    (found,) = [block for block in blocks if block.startswith(start)]
    # YAML 1.1 takes the key `on` for a boolean.
    return yaml.load(found, yaml.BaseLoader)


@pytest.fixture(scope='module')
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the linter is installed from a copy of its own folder alone."""
    source, target = (tmp_path_factory.mktemp(name) for name in ('source', 'target'))
    ignored = shutil.ignore_patterns('__pycache__', 'build', '*.egg-info')
    shutil.copytree(PACKAGE, source, ignore=ignored, dirs_exist_ok=True)
    options = ['--no-build-isolation', '--no-deps', '--no-index', '--disable-pip-version-check']
    subprocess.run(
        [sys.executable, '-m', 'pip', 'install', '-qq', *options, '--target', target, source],
        check=True,
    )
    return target


def run(command: str, folder: Path, installed: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where only the linter that was installed is to be found."""
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={
            'PATH': os.pathsep.join([str(installed / 'bin'), os.environ['PATH']]),
            'PYTHONPATH': str(installed),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_linter_that_is_installed_alone_does_all(installed: Path, tmp_path: Path) -> None:
    (tmp_path / 'openapi.yaml').write_text(BROKEN)
    for command, status, says in (
        ('gpt-action-lint --version', 0, f'{NAME} {VERSION}'),
        ('gpt-action-lint openapi.yaml', 1, '[server-case]'),
        ('gpt-action-lint --profile tools openapi.yaml', 0, 'no findings'),
        ('gpt-action-lint --format sarif openapi.yaml', 1, '"ruleId": "server-case"'),
        ('gpt-action-lint --explain server-case', 0, '## server-case'),
        ('python -m openapi_lint openapi.yaml', 1, '[server-case]'),
    ):
        ended = run(command.replace('python', sys.executable), tmp_path, installed)
        assert (ended.returncode, says in ended.stdout) == (status, True), ended.stderr


def test_it_names_all_that_it_imports(installed: Path) -> None:
    project = tomllib.loads((PACKAGE / 'pyproject.toml').read_text())['project']
    needs = {re.split('[>=<]', name)[0] for name in project['dependencies']}
    imported = {
        found
        for file in installed.glob('openapi_lint/**/*.py')
        for found in re.findall(r'^(?:from|import) (\w+)', file.read_text(), re.MULTILINE)
    }

    assert imported - set(sys.stdlib_module_names) - {'openapi_lint'} == {
        'yaml',
        'publicsuffixlist',
    }
    assert needs == {'pyyaml', 'publicsuffixlist', 'ruamel.yaml'}


def test_hook_checks_the_documents_of_another_repository(installed: Path, tmp_path: Path) -> None:
    """What pre-commit does with it, but for the environment that it makes."""
    (hook,) = yaml.safe_load((ROOT / '.pre-commit-hooks.yaml').read_text())
    ((used,),) = [repo['hooks'] for repo in shown('repos:')['repos']]
    (dependency,) = hook['additional_dependencies']
    for name in ('openapi.yaml', 'apis/openapi.json', 'openapi.md', 'my-openapi.yaml'):
        assert bool(re.search(hook['files'], name)) == (
            name in ('openapi.yaml', 'apis/openapi.json')
        )

    (tmp_path / 'openapi.yaml').write_text(BROKEN)
    assert used['id'] == hook['id']
    assert re.search(used['files'], 'openapi.yaml')
    assert (ROOT / dependency).samefile(PACKAGE)
    ended = run(f'{hook["entry"]} openapi.yaml', tmp_path, installed)
    assert ended.returncode == 1
    assert ended.stdout.startswith('openapi.yaml:7:5: error: ')


def test_workflow_annotates_a_change(installed: Path, tmp_path: Path) -> None:
    workflow = shown('name: openapi')
    *_, install, check = [
        step['run'] for step in workflow['jobs']['lint']['steps'] if 'run' in step
    ]

    assert workflow['jobs']['lint']['permissions'] == {'contents': 'read'}
    assert install == 'pip install ./openapi_lint'
    (tmp_path / 'openapi.yaml').write_text(BROKEN)
    ended = run(check, tmp_path, installed)
    assert ended.returncode == 1
    assert ended.stdout.startswith('::error file=openapi.yaml,line=7,col=5,title=OpenAPI%3A ')
    (tmp_path / 'openapi.yaml').write_text(NOTES)
    assert run(check, tmp_path, installed).returncode == 0


def test_everything_that_is_shown_of_it_is_there() -> None:
    pages = [DOCS, (PACKAGE / 'README.md').read_text()]
    text = ' '.join(
        run
        for page in pages
        for run in re.findall(r'(?:gpt-action-lint|openapi_lint) (--[^\n`#]*)', page)
    )
    options = set(re.findall(r'--[a-z-]+', text))
    help_text = subprocess.run(
        [sys.executable, '-m', 'openapi_lint', '--help'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert options
    assert [option for option in options if option not in help_text] == []
