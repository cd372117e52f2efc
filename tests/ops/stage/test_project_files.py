"""Files that people edit or Chalice writes: what the commands rely on in them is there."""

import json
from pathlib import Path
from typing import Any

import pytest

from ops.stage import project_files
from ops.stage.json_file import FileRefused
from ops.stage.stage import PROJECT


def write(file: Path, content: object) -> Path:
    """Write a file of JSON, and return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    return file


def test_gateway_is_as_the_project_has_it() -> None:
    file = PROJECT / '.chalice' / 'gateway.json'

    assert project_files.gateway(PROJECT) == json.loads(file.read_text())


@pytest.mark.parametrize(
    ('part', 'changed', 'problem'),
    [
        ('tls', {}, 'missing required field `security_policy` - at `$.tls`'),
        ('throttling', [], 'Expected `object`, got `array` - at `$.throttling`'),
        ('throttling', {'rate_limit': '50', 'burst_limit': 9}, 'at `$.throttling.rate_limit`'),
        ('access_log', {'format': 'x', 'retention_days': 9}, 'at `$.access_log.format`'),
        ('access_log', {'format': {}, 'retention_days': None}, 'at `$.access_log.retention_days`'),
        ('responses', {'UNAUTHORIZED': []}, r'at `$.responses\[...\]`'),
        ('responses', {'UNAUTHORIZED': {'X': 5}}, 'Expected `str`, got `int`'),
        ('responses', {'UNAUTHORIZED': {'X': "it's"}}, 'Expected `str` matching regex'),
        ('responses', {'UNAUTHORIZED': {'X': 'a\r\nSet-Cookie: b'}}, 'matching regex'),
    ],
)
def test_gateway_that_cannot_be_used_is_refused(
    tmp_path: Path, part: str, changed: Any, problem: str
) -> None:
    gateway = json.loads((PROJECT / '.chalice' / 'gateway.json').read_text())
    file = write(tmp_path / '.chalice' / 'gateway.json', gateway | {part: changed})

    with pytest.raises(FileRefused, match=problem.replace('$', r'\$')) as refused:
        project_files.gateway(tmp_path)

    assert refused.value.message.startswith(f'{file}: ')


@pytest.mark.parametrize(
    ('changed', 'problem'),
    [
        ({'app_name': None}, 'Expected `str`, got `null`'),
        ({'stages': ['dev']}, 'Expected `object`, got `array`'),
        ({'stages': {'dev': None}}, 'Expected `object`, got `null`'),
        ({'environment_variables': ['A']}, 'Expected `object`, got `array`'),
        ({'stages': {'dev': {'environment_variables': {'A': 1}}}}, 'Expected `str`, got `int`'),
    ],
)
def test_config_that_cannot_be_used_is_refused(
    tmp_path: Path, changed: dict[str, Any], problem: str
) -> None:
    config = {'app_name': 'x', 'stages': {'dev': {}}}
    write(tmp_path / '.chalice' / 'config.json', config | changed)

    with pytest.raises(FileRefused, match=rf'config\.json: {problem}'):
        project_files.config(tmp_path)


def test_nothing_is_deployed_before_the_first_time(tmp_path: Path) -> None:
    assert project_files.deployed(tmp_path, 'dev') == []


@pytest.mark.parametrize('record', [[], {}, {'resources': {}}, {'resources': ['rest_api']}])
def test_record_that_somebody_spoilt_is_not_taken_for_none(tmp_path: Path, record: object) -> None:
    write(tmp_path / '.chalice' / 'deployed' / 'dev.json', record)

    with pytest.raises(FileRefused, match=r'deployed/dev\.json: '):
        project_files.deployed(tmp_path, 'dev')
