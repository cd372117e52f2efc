"""The package as Lambda gets it: the zip, the template, and calls under AWS's own runtime."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from benchmarks.runtime import (
    EVENT,
    PYTHON,
    RUNTIME_PACKAGES,
    RuntimeNotUsable,
    architecture,
    clean_environment,
    serve,
)
from ops.deployment.package import MAX_ZIP_BYTES, NotPackaged, build, package
from ops.stage.stage import PROJECT, load_stage
from tests.support.mcp import calls

POOL = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example01'
SETTINGS = {'COGNITO_USER_POOL_ARN': POOL}


@pytest.fixture(scope='module')
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Package the app for the stage dev."""
    folder = tmp_path_factory.mktemp('out')
    build(load_stage('dev'), folder)
    return folder


@pytest.fixture
def names(out: Path) -> list[str]:
    """Return the names of all files in the zip."""
    with ZipFile(out / 'deployment.zip') as archive:
        return archive.namelist()


@pytest.fixture(scope='module')
def task_root(out: Path) -> Path:
    """Unpack the zip, on a machine that can run it."""
    for_lambda = load_stage('dev').config.lambda_architecture
    try:
        here = architecture()
    except RuntimeNotUsable as error:
        pytest.skip(str(error))
    if here != for_lambda:
        pytest.skip(f'The zip is for {for_lambda}, this machine is {here}.')
    with ZipFile(out / 'deployment.zip') as archive:
        archive.extractall(out / 'task')
    return out / 'task'


def test_zip_holds_the_app_chalice_and_the_pinned_wheels(names: list[str]) -> None:
    pinned = [line.split('==') for line in (PROJECT / 'requirements.txt').read_text().split()]
    wheels = {name for name, _ in pinned} | {f'{name}-{v}.dist-info' for name, v in pinned}
    assert {name.split('/')[0] for name in names} == {'app.py', 'chalice', 'chalicelib'} | wheels

    files = [f for kind in ('*.py', '*.md') for f in (PROJECT / 'chalicelib').rglob(kind)]
    sources = {str(file.relative_to(PROJECT)) for file in files}
    ours = {name for name in names if name.startswith('chalicelib/')}
    runtime = {name for name in names if name.startswith('chalice/')}
    assert (ours, runtime) == (sources, {'chalice/__init__.py', 'chalice/app.py'})
    assert not any(name.endswith('.pyc') for name in names)


def test_zip_is_small_and_readable_by_lambda(out: Path) -> None:
    archive = out / 'deployment.zip'
    with ZipFile(archive) as packed:
        modes = {entry.external_attr >> 16 for entry in packed.infolist()}

    assert (archive.stat().st_size <= MAX_ZIP_BYTES, modes) == (True, {0o644})


def test_same_sources_give_the_same_bytes(out: Path, tmp_path: Path) -> None:
    command = ['--stage', 'dev', '--out', str(tmp_path / 'again')]
    result = CliRunner().invoke(package, command, catch_exceptions=False)

    assert result.exit_code == 0, result.output
    for name in ('deployment.zip', 'sam.json'):
        assert (tmp_path / 'again' / name).read_bytes() == (out / name).read_bytes()


def test_unknown_stage_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(package, ['--stage', 'staging', '--out', str(tmp_path / 'out')])

    assert result.exit_code == 1
    assert 'no stage staging in .chalice/config.json, only local, dev, prod' in result.output
    assert not (tmp_path / 'out').exists()


SMALL_APP = b"from chalice import Chalice\napp = Chalice('example')\napp.route('/')(lambda: {})\n"


@pytest.mark.parametrize(
    ('sources', 'reason'),
    [
        (
            {'app.py': b'\nraise RuntimeError("this one")'},
            'chalice package ended with 2: RuntimeError: this one (app.py, line 2)',
        ),
        ({'app.py': b'def x(:'}, 'SyntaxError: invalid syntax (app.py, line 1)'),
        (
            {'app.py': b'from chalicelib import it', 'chalicelib/it.py': b'nowhere'},
            "NameError: name 'nowhere' is not defined (chalicelib/it.py, line 1)",
        ),
        (
            {'app.py': SMALL_APP, 'chalicelib/data': os.urandom(MAX_ZIP_BYTES)},
            'over 3,000,000: leave out of requirements.txt what Lambda has already',
        ),
    ],
    ids=['app that raises', 'no Python', 'module that raises', 'large zip'],
)
def test_refuses_to_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: dict[str, bytes], reason: str
) -> None:
    monkeypatch.setenv('AWS_ENDPOINT_URL', 'localhost:9400')  # of no use, and not used
    config = {'version': '2.0', 'app_name': 'example', 'stages': {'dev': {}}}
    (tmp_path / '.chalice').mkdir()
    (tmp_path / '.chalice' / 'config.json').write_text(json.dumps(config))
    for name, content in sources.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    with pytest.raises(NotPackaged) as refused:
        build(load_stage('dev', project=tmp_path), tmp_path / 'out')

    assert reason in str(refused.value)


def test_chalice_that_is_ended_without_a_word_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.CompletedProcess([], -9, stdout='', stderr='')
    monkeypatch.setattr(subprocess, 'run', lambda *_, **__: ended)

    with pytest.raises(NotPackaged, match='ended with -9'):
        build(load_stage('dev'), tmp_path)


def test_signed_in_call_succeeds_in_lambda(task_root: Path, tmp_path: Path) -> None:
    log = tmp_path / 'log'
    with serve(task_root, SETTINGS, log) as function:
        answers = [function.invoke(), function.invoke()]

    assert [answer['statusCode'] for answer in answers] == [200, 200]
    assert {answer['body'] for answer in answers} == {'{"success":true}'}
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith('{')]
    assert [(line['operation'], line['cold_start']) for line in lines] == [
        ('postSuccess', True),
        ('postSuccess', False),
    ]
    assert EVENT['headers']['Authorization'] not in log.read_text()


def test_mcp_is_served_in_lambda(task_root: Path) -> None:
    asked = [
        ('initialize', calls.INITIALIZE),
        ('tools/list', {}),
        ('tools/call', {'name': 'postSuccess'}),
    ]
    endpoint = EVENT | {'requestContext': EVENT['requestContext'] | {'resourcePath': '/mcp'}}
    with serve(task_root, SETTINGS) as function:
        answers = [
            function.invoke(endpoint | {'body': json.dumps(calls.message(method, params))})
            for method, params in asked
        ]

    server, listed, called = (json.loads(answer['body'])['result'] for answer in answers)
    assert server['instructions'].startswith('You answer questions')
    assert [tool['name'] for tool in listed['tools'][:2]] == ['postSuccess', 'findRecords']
    assert called['structuredContent'] == {'success': True}


def test_call_without_claims_is_refused_in_lambda(task_root: Path) -> None:
    context = {k: v for k, v in EVENT['requestContext'].items() if k != 'authorizer'}
    with serve(task_root, SETTINGS) as function:
        answer = function.invoke(EVENT | {'requestContext': context})

    assert (answer['statusCode'], json.loads(answer['body'])['Code']) == (401, 'NotSignedIn')


def test_command_line_mode_fails_closed_in_lambda(task_root: Path) -> None:
    with serve(task_root, SETTINGS | {'AWS_CHALICE_CLI_MODE': '1'}) as function:
        answers = [function.invoke(), function.invoke()]

    for answer in answers:
        assert 'statusCode' not in answer
        assert "No module named 'emulator'" in answer['errorMessage']


def test_only_the_zip_and_lambdas_own_packages_can_be_imported(task_root: Path) -> None:
    program = (
        'import json, sys, app, awslambdaric, boto3\n'
        # A look into a module that was to be loaded later loads it, and what it needs.
        'modules = list(sys.modules.items())\n'
        'print(json.dumps({name: getattr(module, "__file__", None) for name, module in modules}))'
    )
    loaded = subprocess.run(
        [*PYTHON, '-c', program],
        cwd=task_root,
        env=clean_environment() | SETTINGS,
        check=True,
        capture_output=True,
    )
    files = {name: Path(file) for name, file in json.loads(loaded.stdout).items() if file}

    assert files['chalice.app'] == task_root / 'chalice' / 'app.py'
    places = [task_root, RUNTIME_PACKAGES, Path(sysconfig.get_path('stdlib'))]
    strays = {n: f for n, f in files.items() if not any(f.is_relative_to(p) for p in places)}
    assert strays == {}
    assert not any('site-packages' in file.parts for file in files.values())
