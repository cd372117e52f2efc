"""The zip that Chalice's own commands make: whole or none, with bytecode, the same each time."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from chalice.config import Config

from ops.packaging import zip_proof
from ops.packaging.bytecode import this_python
from ops.packaging.chalice_commands import RUNTIMES, runtime
from ops.packaging.zip_contents import NotPackaged, Target, is_whole
from ops.stage.stage import PROJECT

OTHER_RUNTIME = next(name for name in RUNTIMES if name != this_python())
APP = """
from chalice import Chalice
from chalicelib import greeting

app = Chalice('example')

@app.route('/')
def greet():
    import polite
    return {'greeting': polite.please(greeting.HELLO)}
"""
LIBRARY = {'polite.py': "def please(text):\n    return f'{text}, please'\n"}
# Its metadata can be had, and no wheel can be built of it: as of a library without a compiler.
UNBUILT = """
import sys
from setuptools import setup

if 'bdist_wheel' in sys.argv:
    raise SystemExit('There is no compiler.')
setup(name='unbuilt', version='1.0', py_modules=['unbuilt'])
"""
COMMAND_LINE = 'from ops.packaging import chalice_commands; chalice_commands.main()'


def make_wheel(folder: Path, name: str, files: dict[str, str]) -> None:
    """Write a wheel as a package index has it."""
    about = f'{name}-1.0.dist-info'
    files = files | {
        f'{about}/METADATA': f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n',
        f'{about}/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    }
    record = [
        f'{path},sha256={urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")},'
        for path, text in files.items()
    ]
    with zipfile.ZipFile(folder / f'{name}-1.0-py3-none-any.whl', 'w') as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(f'{about}/RECORD', '\n'.join([*record, f'{about}/RECORD,,']))


class Project:
    """A small project with one requirement, packaged from a folder of wheels alone."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._wheels = folder / 'project', folder / 'wheels'
        self._wheels.mkdir()
        make_wheel(self._wheels, 'polite', LIBRARY)
        self.write('app.py', APP)
        self.write('chalicelib/__init__.py', '')
        self.write('chalicelib/greeting.py', "HELLO = 'Hello'\n")
        self.write('requirements.txt', 'polite==1.0  # for manners\n')
        self.configure()

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def configure(self, **settings: object) -> None:
        """Write the project's settings."""
        config = {'version': '2.0', 'app_name': 'example', 'stages': {'dev': settings}}
        self.write('.chalice/config.json', json.dumps(config))

    def require_what_no_wheel_can_be_had_of(self) -> None:
        """Add a requirement that there is only the source of."""
        source = self._wheels / 'unbuilt-1.0'
        source.mkdir()
        (source / 'setup.py').write_text(UNBUILT)
        (source / 'unbuilt.py').write_text('')
        (source / 'PKG-INFO').write_text('Metadata-Version: 2.1\nName: unbuilt\nVersion: 1.0\n')
        with tarfile.open(self._wheels / 'unbuilt-1.0.tar.gz', 'w:gz') as archive:
            archive.add(source, 'unbuilt-1.0')
        self.write('requirements.txt', 'polite==1.0\nunbuilt==1.0\n')

    def package(self, *, has_wheels: bool = True) -> subprocess.CompletedProcess[str]:
        """Package the project with Chalice's command line."""
        of_pip = {
            'PIP_NO_INDEX': '1',
            'PIP_FIND_LINKS': str(self._wheels) if has_wheels else '',
            'PIP_NO_BUILD_ISOLATION': '0',  # which means that there is none
        }
        return subprocess.run(
            [sys.executable, '-c', COMMAND_LINE, 'package', '--stage', 'dev', 'out'],
            cwd=self.folder,
            env=os.environ
            | of_pip
            | {'PYTHONPATH': str(PROJECT), 'AWS_DEFAULT_REGION': 'eu-west-1'},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def packaged(self, **how: bool) -> bytes:
        """Package the project; return the zip."""
        run = self.package(**how)
        assert run.returncode == 0, run.stdout + run.stderr
        return (self.folder / 'out' / 'deployment.zip').read_bytes()

    @property
    def kept(self) -> list[Path]:
        """The zips that Chalice would take the next time."""
        return list((self.folder / '.chalice').glob('deployments/*'))

    @property
    def target(self) -> Target:
        """What the zip is made of."""
        return Target(self.folder, this_python(), 'x86_64')

    def names(self) -> list[str]:
        """Return the names of what is in the zip."""
        with zipfile.ZipFile(self.folder / 'out' / 'deployment.zip') as archive:
            return archive.namelist()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project that has not been packaged."""
    return Project(tmp_path)


@pytest.fixture(scope='module')
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project that has been packaged, which no test changes."""
    project = Project(tmp_path_factory.mktemp('packaged'))
    project.packaged()
    return project


def test_zip_holds_the_project_its_requirements_and_their_bytecode(packaged: Project) -> None:

    sources = {
        *('app.py', 'chalice/__init__.py', 'chalice/app.py', 'polite.py'),
        *('chalicelib/__init__.py', 'chalicelib/greeting.py'),
    }
    tag = sys.implementation.cache_tag
    about = {f'polite-1.0.dist-info/{name}' for name in ('METADATA', 'RECORD', 'WHEEL')}
    compiled = {
        f'{folder}__pycache__/{name}.{tag}.pyc'
        for folder, name in [
            *(('', 'app'), ('', 'polite'), ('chalice/', '__init__'), ('chalice/', 'app')),
            *(('chalicelib/', '__init__'), ('chalicelib/', 'greeting')),
        ]
    }
    assert set(packaged.names()) == sources | about | compiled


def test_whole_zip_is_taken_again_without_any_wheel(project: Project) -> None:
    first = project.packaged()
    (kept,) = project.kept
    inode = kept.stat().st_ino

    assert project.packaged(has_wheels=False) == first
    assert kept.stat().st_ino == inode


def test_requirement_without_a_wheel_is_refused_each_time(project: Project) -> None:
    project.require_what_no_wheel_can_be_had_of()

    runs = [project.package(), project.package()]

    for run in runs:
        assert run.returncode == 1
        assert run.stderr == (
            f'Error: The zip for {this_python()} on x86_64 would not be whole: unbuilt==1.0 of '
            'requirements.txt is not in it. A requirement needs a wheel for that, or its files in '
            'vendor/.\n'
        )
    assert project.kept == []
    assert not (project.folder / 'out').exists()


def test_requirement_in_vendor_is_taken(project: Project, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / 'wheels' / 'polite-1.0-py3-none-any.whl') as wheel:
        wheel.extractall(project.folder / 'vendor')
    project.write('requirements.txt', '')

    project.packaged(has_wheels=False)

    assert 'polite.py' in project.names()


def _halve(zipped: Path) -> None:
    zipped.write_bytes(zipped.read_bytes()[: zipped.stat().st_size // 2])


def _turn_a_bit(zipped: Path) -> None:
    content = bytearray(zipped.read_bytes())
    content[len(content) // 3] ^= 1
    zipped.write_bytes(content)


def _changed(zipped: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    with zipfile.ZipFile(zipped) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(zipped, 'w') as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def _bytecode_of(name: str) -> str:
    return f'__pycache__/{name}.{sys.implementation.cache_tag}.pyc'


DAMAGE: dict[str, Callable[[Path], object]] = {
    'half': _halve,
    'empty': lambda zipped: zipped.write_text(''),
    'a bit': _turn_a_bit,
    'no bytecode': lambda z: _changed(z, lambda files: files.pop(_bytecode_of('app'))),
    'older bytecode': lambda z: _changed(
        z, lambda files: files.update({_bytecode_of('app'): files[_bytecode_of('polite')]})
    ),
    'a library lost': lambda z: _changed(z, lambda files: files.pop('polite.py')),
    'a library changed': lambda z: _changed(z, lambda files: files.update({'polite.py': b''})),
    'a requirement lost': lambda z: _changed(
        z, lambda files: [files.pop(name) for name in list(files) if 'polite' in name]
    ),
    'an older app': lambda z: _changed(z, lambda files: files.update({'app.py': b'app = None'})),
    # Chalice's hash is of what files hold, not of their names.
    'an older name': lambda z: _changed(z, lambda files: files.update({'chalicelib/old.py': b''})),
}


@pytest.mark.parametrize('damage', DAMAGE.values(), ids=DAMAGE)
def test_zip_that_is_not_whole_is_known(
    packaged: Project, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    damaged = Path(shutil.copy(packaged.kept[0], tmp_path))
    assert is_whole(damaged, packaged.target)

    damage(damaged)

    assert not is_whole(damaged, packaged.target)


def test_half_a_zip_is_made_anew(project: Project) -> None:
    first = project.packaged()
    (kept,) = project.kept
    _halve(kept)

    assert project.packaged() == first
    assert kept.read_bytes() == first


def test_bytecode_that_is_being_written_makes_no_difference(
    packaged: Project, tmp_path: Path
) -> None:
    project = Path(shutil.copytree(packaged.folder, tmp_path / 'project'))
    cache = project / 'chalicelib' / '__pycache__'
    cache.mkdir(exist_ok=True)
    (cache / f'greeting.{sys.implementation.cache_tag}.pyc.139905').write_bytes(b'half')

    assert is_whole(packaged.kept[0], packaged.target._replace(project=project))


def test_zip_of_another_python_is_not_taken(packaged: Project) -> None:
    assert not is_whole(packaged.kept[0], packaged.target._replace(runtime=OTHER_RUNTIME))


def test_zip_with_a_module_by_an_older_name_is_not_whole(packaged: Project, tmp_path: Path) -> None:
    renamed = Path(shutil.copytree(packaged.folder, tmp_path / 'renamed'))
    (renamed / 'chalicelib' / 'greeting.py').rename(renamed / 'chalicelib' / 'welcome.py')

    assert not is_whole(packaged.kept[0], packaged.target._replace(project=renamed))


CANNOT_BE_RUN = zip_proof.cannot_be_run(Target(PROJECT, this_python(), 'x86_64'))
can_be_run = pytest.mark.skipif(CANNOT_BE_RUN is not None, reason=f'The zip: {CANNOT_BE_RUN}.')


@can_be_run
@pytest.mark.parametrize(
    ('name', 'text', 'reason'),
    [
        ('app.py', f'{APP}\nimport click', "No module named 'click' (app.py, line 12)"),
        (
            'chalicelib/greeting.py',
            'import boto3, yaml',
            "No module named 'yaml' (chalicelib/greeting.py, line 1)",
        ),
        (
            'chalicelib/unused.py',
            '\nnowhere',
            "NameError: name 'nowhere' is not defined (chalicelib/unused.py, line 2)",
        ),
    ],
)
def test_what_lambda_does_not_have_is_refused(
    project: Project, name: str, text: str, reason: str
) -> None:
    project.write(name, text)

    run = project.package()

    assert run.returncode == 1
    assert run.stderr.startswith('Error: The zip cannot be imported with what Lambda has: ')
    assert run.stderr.endswith(f'{reason}\n')
    assert project.kept == []


@can_be_run
def test_what_lambda_has_can_be_imported(project: Project) -> None:
    project.write('chalicelib/greeting.py', "import boto3, botocore, urllib3\nHELLO = 'Hello'\n")

    project.packaged()


def test_runtime_is_a_setting_of_the_stage(project: Project) -> None:
    project.configure(lambda_python_version=OTHER_RUNTIME)

    run = project.package()

    assert run.returncode == 0, run.stderr
    assert f'it is for {OTHER_RUNTIME}, and this is {this_python()}.\n' in run.stdout
    assert 'The zip holds no bytecode: each cold start compiles what it imports.\n' in run.stdout
    assert not any(name.endswith('.pyc') for name in project.names())
    template = json.loads((project.folder / 'out' / 'sam.json').read_text())
    assert template['Resources']['APIHandler']['Properties']['Runtime'] == OTHER_RUNTIME


@pytest.mark.parametrize('setting', ['python2.7', ['python3.12'], ''])
def test_runtime_that_lambda_has_not_is_refused(setting: object) -> None:
    config = Config('dev', config_from_disk={'lambda_python_version': setting})

    with pytest.raises(NotPackaged) as refused:
        runtime(config)

    assert str(refused.value) == (
        f'"lambda_python_version" in .chalice/config.json is {setting!r}, and not one of '
        'python3.11, python3.12, python3.13, python3.14.'
    )


def test_setting_of_the_stage_comes_before_that_of_all_stages() -> None:
    stages = {'prod': {'lambda_python_version': 'python3.13'}, 'dev': {}}
    on_disk = {'lambda_python_version': 'python3.14', 'stages': stages}

    assert [runtime(Config(stage, config_from_disk=on_disk)) for stage in stages] == [
        'python3.13',
        'python3.14',
    ]
    assert runtime(Config('dev', config_from_disk={})) == this_python()


def test_requirement_that_there_is_not_is_refused_in_one_line(project: Project) -> None:
    project.write('requirements.txt', 'polite==2.0\n')

    run = project.package()

    assert (run.returncode, run.stderr) == (
        1,
        'Error: pip: Could not satisfy the requirement: polite==2.0\n',
    )
