"""What a zip lacks of requirements.txt is told, for the Lambda that it is for."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from ops.packaging.requirement_files import problems


def wheel(name: str, *metadata: str, version: str = '1.0', **files: str) -> dict[str, bytes]:
    """Return an unpacked wheel with modules, of which each is in its list."""
    about = f'{name}-{version}.dist-info'
    contents = {f'{module}.py': text.encode() for module, text in files.items()}
    lines = [f'Name: {name}', f'Version: {version}', *metadata]
    rows = [
        f'{path},sha256={urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")},'
        for path, content in contents.items()
    ]
    record = '\n'.join([*rows, f'{about}/RECORD,,'])
    return {
        **contents,
        f'{about}/METADATA': '\n'.join(lines).encode(),
        f'{about}/RECORD': record.encode(),
    }


def problems_of(tmp_path: Path, requirements: str, **files: bytes) -> list[str]:
    """Return what is wrong with a zip for Python 3.12 on arm64."""
    listed = tmp_path / 'requirements.txt'
    listed.write_text(requirements)
    return list(problems(files, listed, 'python3.12', 'arm64', []))


@pytest.mark.parametrize(
    'requirements',
    [
        '',
        'polite==1.0',
        'Polite >= 1 # a comment\n\n# another',
        'polite==1.0 \\\n    --hash=sha256:0123\n--no-index',
        'polite\n./another\nhttps://example.com/another.zip',
        'polite==1.0; python_version >= "3.12"',
        'another==1.0; python_version < "3.12"',
        'another; sys_platform == "win32" or platform_machine == "x86_64"',
    ],
)
def test_what_is_there_is_taken(tmp_path: Path, requirements: str) -> None:
    assert problems_of(tmp_path, requirements, **wheel('polite', polite='')) == []


@pytest.mark.parametrize(
    ('requirements', 'lacking'),
    [
        ('another==1.0', 'another==1.0 of requirements.txt is not in it'),
        ('polite==1.1', 'polite==1.1 of requirements.txt is there as 1.0'),
        (
            'another; platform_machine == "aarch64"',
            'another; platform_machine == "aarch64" of requirements.txt is not in it',
        ),
        ('another @ https://example.com/another.zip', 'is not in it'),
    ],
)
def test_requirement_that_is_not_there_is_reported(
    tmp_path: Path, requirements: str, lacking: str
) -> None:
    (problem,) = problems_of(tmp_path, requirements, **wheel('polite', polite=''))

    assert problem.endswith(lacking)


def test_files_that_are_named_by_requirements_are_read_too(tmp_path: Path) -> None:
    (tmp_path / 'more.txt').write_text('another')

    assert problems_of(tmp_path, '-r more.txt') == ['another of requirements.txt is not in it']


def test_what_a_requirement_requires_is_asked_for_too(tmp_path: Path) -> None:
    polite = wheel(
        'polite',
        'Requires-Dist: manners>=2',
        'Requires-Dist: old; python_version < "3.12"',
        'Requires-Dist: bows; extra == "formal"',
    )
    manners = wheel('manners', version='1.0')

    assert problems_of(tmp_path, 'polite', **polite, **manners) == [
        'manners>=2 of polite is there as 1.0'
    ]
    assert problems_of(tmp_path, 'polite[formal]', **polite) == [
        'manners>=2 of polite is not in it',
        'bows; extra == "formal" of polite is not in it',
    ]


def test_file_that_is_lost_or_changed_is_reported(tmp_path: Path) -> None:
    files = wheel('polite', polite='', kind='')

    assert problems_of(tmp_path, 'polite', **files | {'kind.py': b'rude = True'}) == [
        'kind.py is not as polite 1.0 has it'
    ]
    del files['kind.py']
    assert problems_of(tmp_path, 'polite', **files) == ['polite 1.0 lacks kind.py']


def test_what_was_left_out_is_not_asked_for(tmp_path: Path) -> None:
    files = wheel('polite', polite='', kind='')
    del files['kind.py']

    assert list(problems(files, tmp_path / 'none', 'python3.12', 'arm64', ['kind.py'])) == []
