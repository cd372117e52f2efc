"""Both templates, each as every kind of stack, before cfn-lint, SAM and checkov; and their page."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ops.deployment.package import build
from ops.stage.stage import enter_stage
from tests.support.stages import templates, validators
from tests.support.stages.templates import VARIANTS, resolved

PAGE = (templates.ROOT / 'docs' / 'templates.md').read_text()
RESOURCES = templates.resources()


@pytest.fixture(scope='module')
def one_stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the one stack's template, as a file."""
    out = tmp_path_factory.mktemp('out')
    build(enter_stage('dev'), out)
    return out / 'sam.json'


@pytest.fixture(scope='module')
def template(one_stack: Path) -> dict[str, Any]:
    """Return the one stack's template."""
    content: dict[str, Any] = json.loads(one_stack.read_text())
    return content


@pytest.fixture(scope='module')
def translated(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what SAM makes of the one stack, as every variant."""
    return {
        name: templates.translated(template, own | others)
        for name, (own, others) in VARIANTS.items()
    }


@pytest.fixture(scope='module')
def resources_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template of what a stage needs beside its function, as a file."""
    file = tmp_path_factory.mktemp('resources') / 'resources.json'
    file.write_text(json.dumps(RESOURCES))
    return file


def test_cfn_lint_finds_nothing(
    one_stack: Path,
    resources_file: Path,
    translated: dict[str, dict[str, Any]],
    tmp_path: Path,
) -> None:
    """It tries all combinations of conditions by itself."""
    by_sam = [tmp_path / f'{number}.json' for number in range(len(translated))]
    for file, made in zip(by_sam, translated.values(), strict=True):
        file.write_text(json.dumps(made))

    assert validators.cfn_lint(resources_file, one_stack, *by_sam) == ''


def test_sam_finds_nothing_in_the_one_stack(one_stack: Path) -> None:
    assert validators.sam_validate(one_stack) == (0, '')


def test_sam_finds_nothing_in_the_resources(resources_file: Path) -> None:
    assert validators.sam_validate(resources_file) == (0, '')


def test_sam_makes_one_stage_of_the_api(translated: dict[str, dict[str, Any]]) -> None:
    for made in translated.values():
        types = [resource['Type'] for resource in made['Resources'].values()]
        (deployment,) = (
            resource['Properties']
            for resource in made['Resources'].values()
            if resource['Type'] == 'AWS::ApiGateway::Deployment'
        )

        assert types.count('AWS::ApiGateway::Stage') == 1
        assert 'StageName' not in deployment


def test_every_finding_of_checkov_has_its_reason(
    translated: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    for number, (name, (own, others)) in enumerate(VARIANTS.items()):
        for kind, made in (
            ('resources', resolved(RESOURCES, own)),
            ('one stack', resolved(translated[name], own | others)),
        ):
            (tmp_path / f'{number}-{kind}.json').write_text(json.dumps(made))

    found = validators.checkov(tmp_path)

    reasons = {
        (check, resource)
        for check, resources in re.findall(r'^\| `(CKV\w+)` \| (.*?) \|', PAGE, flags=re.MULTILINE)
        for resource in re.findall(r'`(\w+)`', resources)
    }
    assert found == reasons


def rows(heading: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading of the page, by their first cell."""
    section = PAGE.split(f'\n## {heading}\n')[1].split('\n## ')[0]
    lines = [line.strip('|').split('|') for line in section.splitlines() if line.startswith('| `')]
    return {cells[0].strip(' `'): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_page_has_every_parameter_with_its_default(template: dict[str, Any]) -> None:
    declared = template['Parameters']
    defaults = {name: str(parameter['Default']) for name, parameter in declared.items()}

    assert {name: cells[0].strip('`') for name, cells in rows('Parameters').items()} == defaults


def test_page_has_every_resource(template: dict[str, Any]) -> None:
    assert {name: cells[0].strip('`') for name, cells in rows('Resources').items()} == {
        name: resource['Type'].removeprefix('AWS::')
        for name, resource in template['Resources'].items()
    }


def test_page_has_every_output(template: dict[str, Any]) -> None:
    assert set(rows('Outputs')) == set(template['Outputs'])


def test_page_says_what_stays(template: dict[str, Any]) -> None:
    retained = {
        name
        for name, resource in template['Resources'].items()
        if resource.get('DeletionPolicy') == 'Retain'
    }

    assert set(rows('What stays')) == retained
