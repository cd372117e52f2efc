"""A capability that a stage had and has no more: what goes, what stays, and how it comes back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import capabilities
from ops.stage import json_file, variables
from ops.stage.stage import StageNotUsable
from tests.support.stages.stage_on_emulator import Project, project_on_emulator

KEEPING = [each for each in capabilities.EVERY if any(k.parameter for k in each.kept.values())]


@pytest.fixture(scope='module')
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose stage dev had everything, and has nothing but sign-in now."""
    with project_on_emulator(tmp_path_factory.mktemp('project')) as project:
        first = project.ops('up')
        assert first.exit_code == 0, first.output
        (project.folder / 'before.json').write_text(json.dumps(project.variables()))
        switch(project, [])
        result = project.ops('up', '--allow-replacement')
        assert result.exit_code == 0, result.output
        (project.folder / 'output').write_text(result.stdout)
        yield project


def switch(project: Project, on: list[str]) -> None:
    """Write into the configuration what a stage has."""
    file = project.folder / '.chalice' / 'config.json'
    config = json_file.read(file)
    config['stages']['dev']['capabilities'] = on
    file.write_text(json.dumps(config))


def test_settings_and_policy_forget_it(project: Project) -> None:
    policy = json.loads((project.folder / '.chalice' / 'policy-dev.json').read_text())
    settings = project.variables()

    assert settings['CAPABILITIES'] == 'none'
    assert set(settings).isdisjoint(variables.names(capabilities.EVERY))
    assert [each['Sid'] for each in policy['Statement']] == ['WriteItsOwnLog', 'SendTraces']


def test_data_stay_and_it_is_said_so(project: Project) -> None:
    output = (project.folder / 'output').read_text()
    before = json.loads((project.folder / 'before.json').read_text())

    for capability in KEEPING:
        for logical_id, kept in capability.kept.items():
            assert f'  {logical_id} ' in output
            assert kept.what in output
        for name in (each.output for each in capability.kept.values() if each.output):
            (setting,) = (s for s in capability.settings if variables.output_of(s) == name)
            assert before[setting] in output


def test_what_stays_is_used_when_it_is_switched_on_again(project: Project) -> None:
    output = (project.folder / 'output').read_text()
    before = json.loads((project.folder / 'before.json').read_text())
    (line,) = (each for each in output.splitlines() if 'switched on again, add: ' in each)
    switch(project, [each.name for each in KEEPING])

    again = project.ops('up', *line.partition('add: ')[2].split())

    assert again.exit_code == 0, again.output
    for capability in KEEPING:
        for name in capability.settings:
            assert project.variables().get(name) == before.get(name)


@pytest.mark.parametrize('named', [['nothing'], ['sql', 'SQL'], ['']])
def test_capability_that_there_is_not_is_named(tmp_path: Path, named: list[str]) -> None:
    with project_on_emulator(tmp_path) as project:
        switch(project, named)

        with pytest.raises(StageNotUsable, match='there is no capability'):
            project.stage()
