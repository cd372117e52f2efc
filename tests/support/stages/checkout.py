"""A copy of the project, as somebody has it who makes it their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ops.stage import json_file
from ops.stage.stage import PROJECT

_LEFT_OUT = shutil.ignore_patterns(
    *('.git', '.venv', '.cache', '__pycache__', '.*_cache', '.hypothesis', 'node_modules', 'out'),
    *('deployed', 'deployments', 'build', '*.egg-info'),
)


POLICY = 'test_exact_policy_of_a_stage_is_enough_and_no_more'
# What `make test` holds an operation to, but for the clients that start `make dev`.
CHECKS = [
    'tests/chalicelib/test_app.py',
    'tests/mcp/test_tools.py',
    'tests/mcp/test_people.py',
    'tests/openapi/test_export.py',
    'tests/operations/test_instructions.py',
    'tests/resources/test_policy.py::test_every_operation_has_its_scenario',
    f'tests/resources/test_policy.py::{POLICY}[as itself]',
    'tests/resources/test_person_policy.py::test_person_may_do_what_every_operation_does',
]


class Checkout:
    """A checkout in a folder of its own, whose commands this Python runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(PROJECT, folder, ignore=_LEFT_OUT)
        config = Path('.chalice', 'config.json')
        json_file.replace(folder / config, json_file.read(PROJECT / config))

    def run(self, *arguments: str | Path) -> str:
        """Run a program of Python's, which must succeed; return what it prints."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={
                name: value
                for name, value in os.environ.items()
                if not name.startswith(('COGNITO_', 'PYTEST_'))
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def lint(self) -> None:
        """Run what `make lint` runs, but for the types."""
        self.run('-m', 'ruff', 'format', '--check', '.')
        self.run('-m', 'ruff', 'check', '.')
