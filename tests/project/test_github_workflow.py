"""GitHub runs the gate, the one that people run, and gets no more than it needs for that."""

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / '.github' / 'workflows').glob('*.y*ml'))
# BaseLoader makes texts, lists and dicts alone: in YAML 1.1 `on` would be true.
GATE: dict[str, Any] = yaml.load(
    (ROOT / '.github' / 'workflows' / 'gate.yml').read_text(), yaml.BaseLoader
)
STEPS: list[dict[str, Any]] = GATE['jobs']['gate']['steps']


def test_gate_is_run_on_every_push_and_pull_request() -> None:
    assert GATE['on'] == {'push': '', 'pull_request': ''}
    assert [step['run'] for step in STEPS if 'run' in step] == ['.ci/run']
    assert (ROOT / '.ci' / 'run').stat().st_mode & 0o111


def test_gate_runs_on_the_oldest_python_that_the_project_takes() -> None:
    (python,) = (s['with'] for s in STEPS if s.get('uses', '').startswith('actions/setup-python@'))
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']

    assert f'>={python["python-version"]}' == project['requires-python']
    assert python['cache'] == 'pip'
    assert list(ROOT.glob(python['cache-dependency-path']))


def test_gate_may_only_read_the_code() -> None:
    jobs = GATE['jobs'].values()

    assert GATE['permissions'] == {}
    assert [job['permissions'] for job in jobs] == [{'contents': 'read'}]
    assert all('secrets.' not in workflow.read_text() for workflow in WORKFLOWS)


def test_actions_are_pinned_to_a_commit() -> None:
    used = [line for w in WORKFLOWS for line in w.read_text().splitlines() if 'uses:' in line]

    assert used
    assert [line for line in used if not re.search(r'@[0-9a-f]{40} # v\d+\.\d+\.\d+$', line)] == []
