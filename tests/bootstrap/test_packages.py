"""What `make` installs: once, anew when it or the Python has changed, and told in a line."""

import platform
import subprocess
import zipfile
from pathlib import Path

import pytest

from bootstrap import packages


def wheel(folder: Path, version: str) -> str:
    """Make a wheel of a package that knows its version; return what pins it."""
    file = folder / f'example-{version}-py3-none-any.whl'
    about = f'example-{version}.dist-info'
    with zipfile.ZipFile(file, 'w') as packed:
        packed.writestr('example.py', f'version = {version!r}\n')
        packed.writestr(f'{about}/METADATA', f'Name: example\nVersion: {version}\n')
        packed.writestr(f'{about}/WHEEL', 'Wheel-Version: 1.0\nTag: py3-none-any\n')
        packed.writestr(f'{about}/RECORD', '')
    return f'example @ {file.as_uri()}\n'


def installed(environment: Path) -> str:
    """Return the version of the package that an environment's Python finds."""
    program = 'import example; print(example.version)'
    command = [str(environment / 'bin' / 'python'), '-c', program]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return run.stdout.strip()


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    file = tmp_path / 'requirements-example.txt'
    file.write_text(f'# what there is\n{wheel(tmp_path, "1.0")}\nnever ; python_version < "3"\n')
    return file


def test_what_is_installed_is_not_installed_again(
    pinned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = tmp_path / 'environment'
    packages.install(environment, [pinned])
    first = capsys.readouterr().out.splitlines()

    packages.install(environment, [pinned])

    assert installed(environment) == '1.0'
    assert first[0] == f'Making {environment} with Python {platform.python_version()} ...'
    assert first[1].startswith('Installing requirements-example.txt: 1 packages in ')
    assert capsys.readouterr().out == ''


def test_what_is_pinned_anew_is_installed(pinned: Path, tmp_path: Path) -> None:
    packages.install(tmp_path / 'environment', [pinned])
    pinned.write_text(wheel(tmp_path, '2.0'))

    packages.install(tmp_path / 'environment', [pinned])

    assert installed(tmp_path / 'environment') == '2.0'


@pytest.mark.parametrize('left', ['version = 3.10.1\n', 'home = /usr/bin\n', None])
def test_environment_of_another_python_or_half_of_one_is_made_anew(
    left: str | None, pinned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = tmp_path / 'environment'
    packages.install(environment, [pinned])
    settings = environment / 'pyvenv.cfg'
    if left is None:
        settings.unlink()
    else:
        settings.write_text(left)
    (environment / 'left over').touch()
    capsys.readouterr()

    packages.install(environment, [pinned])

    assert capsys.readouterr().out.startswith(f'Making {environment} with Python ')
    assert installed(environment) == '1.0'
    assert not (environment / 'left over').exists()


def test_what_cannot_be_installed_is_told_and_tried_again(pinned: Path, tmp_path: Path) -> None:
    environment = tmp_path / 'environment'
    right = pinned.read_text()
    pinned.write_text(f'example @ {(tmp_path / "nowhere-1.0-py3-none-any.whl").as_uri()}\n')

    with pytest.raises(
        packages.NotInstalled, match=r'ERROR: (.|\n)*could not be installed'
    ) as told:
        packages.install(environment, [pinned])
    pinned.write_text(right)
    packages.install(environment, [pinned])

    assert str(pinned) in str(told.value)
    assert installed(environment) == '1.0'


def test_python_without_a_pip_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / 'requirements.txt'
    file.write_text('pip==26.2.1\n')
    monkeypatch.setattr(packages, 'find_spec', lambda _: None)
    monkeypatch.setattr(packages, 'WHEEL_FOLDERS', ())

    with pytest.raises(packages.NotInstalled, match='apt-get install python3-venv'):
        packages.install(tmp_path / 'environment', [file])
