"""What is pinned: `make dev` installs a part of what the tests do, and needs nothing else."""

import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.dev_process import ROOT, free_ports

# Makes modules that only the tests' requirements bring look as if they weren't installed.
HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in {hidden!r}:
            raise ModuleNotFoundError(f'{{name}} is there for the tests only', name=name)

sys.meta_path.insert(0, Hidden())
"""
# Starts `make dev`, calls what has data of its own there, and deploys a stage to it twice.
USING = """
import os, shutil, subprocess, sys
from pathlib import Path
from tests.support.dev_process import banner, emulator
from tests.support.stages.stage_on_emulator import project_on_emulator

ports = {name: os.environ[name] for name in ('EMULATOR_PORT', 'API_PORT')}
with emulator('--api', ports=ports) as process:
    banner(process)
    subprocess.run([sys.executable, 'openapi_export.py', '--stage', 'local'], check=False)
    process.terminate()
folder = Path(sys.argv[1])
shutil.copytree('emulator', folder / 'emulator')  # which `chalice package` imports
with project_on_emulator(folder) as project:
    for length in '8', '14':
        deployed = project.ops('deploy', '--yes', '-p', f'PasswordMinimumLength={length}')
        assert deployed.exit_code == 0, deployed.output
        print(deployed.output)
    machine = 'arn:aws:states:us-east-1:123456789012:stateMachine:sample-order'
    project.client('stepfunctions').start_execution(stateMachineArn=machine, input='{}')
"""


def pins(file: str) -> dict[str, str]:
    """Return the packages that a file pins, and how."""
    lines = (line.partition('#')[0].strip() for line in (ROOT / file).read_text().splitlines())
    return {line.partition('==')[0]: line for line in lines if line}


def hidden_modules() -> set[str]:
    """Return the modules of packages that are installed for the tests only."""
    hidden = pins('requirements-test.txt').keys() - pins('requirements-dev.txt').keys()
    names = {
        name: {re.sub('[-_.]+', '-', d).lower() for d in distributions}
        for name, distributions in packages_distributions().items()
    }
    return {name for name, distributions in names.items() if distributions <= hidden}


def test_both_files_pin_the_same_versions() -> None:
    assert pins('requirements-dev.txt').items() <= pins('requirements-test.txt').items()


def test_make_dev_needs_nothing_that_only_the_tests_install(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hidden = hidden_modules()
    assert {'pytest', 'cfnlint', 'sympy', 'mypy', 'playwright', 'mcp'} <= hidden
    (tmp_path / 'sitecustomize.py').write_text(HIDING.format(hidden=hidden))
    run = subprocess.run(
        [sys.executable, '-c', USING, tmp_path_factory.mktemp('project')],
        cwd=ROOT,
        env=os.environ | free_ports() | {'PYTHONPATH': str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 'openapi: 3.1' in run.stdout
    assert 'The stack aws-middleware-dev is updated.' in run.stdout
    assert run.returncode == 0, run.stderr
