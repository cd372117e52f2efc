"""The package as Lambda gets it: the zip, the template, and calls under AWS's own runtime."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from app import app
from chalicelib.operations.routes import operation_routes
from ops.deployment.package import MAX_ZIP_BYTES, build, package, prove
from ops.packaging import lambda_runtime
from ops.packaging.bytecode import is_of, name_of
from ops.packaging.lambda_runtime import (
    EVENT,
    PYTHON,
    RUNTIME_PACKAGES,
    RuntimeNotUsable,
    architecture,
    clean_environment,
    serve,
)
from ops.packaging.zip_contents import NotPackaged
from ops.stage.stage import PROJECT, enter_stage
from tests.support.capability import needs
from tests.support.mcp import calls

POOL = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example01'
GUARD_TESTS = 'tests/sql/guard'
SETTINGS = {'COGNITO_USER_POOL_ARN': POOL}


@pytest.fixture(scope='module')
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Package the app for the stage dev."""
    folder = tmp_path_factory.mktemp('out')
    build(enter_stage('dev'), folder)
    return folder


@pytest.fixture
def names(out: Path) -> list[str]:
    """Return the names of all files in the zip."""
    with ZipFile(out / 'deployment.zip') as archive:
        return archive.namelist()


@pytest.fixture(scope='module')
def task_root(out: Path) -> Path:
    """Unpack the zip, on a machine that can run it."""
    for_lambda = enter_stage('dev').config.lambda_architecture
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
    tops = {name.split('/')[0] for name in names}
    assert tops == {'app.py', 'chalice', 'chalicelib', '__pycache__'} | wheels

    files = [f for kind in ('*.py', '*.md') for f in (PROJECT / 'chalicelib').rglob(kind)]
    sources = {str(file.relative_to(PROJECT)) for file in files}
    here = [name for name in names if '__pycache__' not in name]
    ours = {name for name in here if name.startswith('chalicelib/')}
    runtime = {name for name in here if name.startswith('chalice/')}
    assert (ours, runtime) == (sources, {'chalice/__init__.py', 'chalice/app.py'})


def test_each_source_has_bytecode_that_is_taken_without_a_look_at_it(out: Path) -> None:
    with ZipFile(out / 'deployment.zip') as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    sources = {name for name in files if name.endswith('.py')}
    assert {name for name in files if name.endswith('.pyc')} == set(map(name_of, sources))
    assert [name for name in sources if not is_of(files[name], files[name_of(name)])] == []


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


def test_plain_chalice_makes_the_same_zip(out: Path, tmp_path: Path) -> None:
    chalice = Path(sys.executable).with_name('chalice')
    subprocess.run(
        [chalice, 'package', '--stage', 'dev', tmp_path],
        cwd=PROJECT,
        env=os.environ | SETTINGS | {'AWS_DEFAULT_REGION': 'eu-west-1'},
        stdin=subprocess.DEVNULL,
        check=True,
    )

    assert (tmp_path / 'deployment.zip').read_bytes() == (out / 'deployment.zip').read_bytes()


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
            'over 4,000,000: leave out of requirements.txt what Lambda has already',
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
        build(enter_stage('dev', project=tmp_path), tmp_path / 'out')

    assert reason in str(refused.value)


def test_function_that_answers_is_reported(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prove(enter_stage('dev'), out / 'deployment.zip')

    assert capsys.readouterr().out.startswith('The function ')


@pytest.mark.usefixtures('task_root')
@pytest.mark.parametrize(
    ('app', 'reason'),
    [
        (b'raise RuntimeError("this one")', 'this one'),
        (b'import os, click', "No module named 'click'"),
        (b'def app(event, context): return {"statusCode": 500, "body": "{}"}', '"statusCode": 500'),
    ],
)
def test_function_that_does_not_answer_is_refused(tmp_path: Path, app: bytes, reason: str) -> None:
    with ZipFile(tmp_path / 'deployment.zip', 'w') as archive:
        archive.writestr('app.py', app)

    with pytest.raises(NotPackaged) as refused:
        prove(enter_stage('dev'), tmp_path / 'deployment.zip')

    assert str(refused.value).startswith("The function does not answer in Lambda's runtime: ")
    assert reason in str(refused.value)


def test_without_lambdas_runtime_nothing_is_tried(
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    task_root: Path,
) -> None:
    assert task_root
    monkeypatch.setattr(lambda_runtime, 'EMULATOR', tmp_path / 'nowhere')

    prove(enter_stage('dev'), out / 'deployment.zip')

    printed = capsys.readouterr().out
    assert printed.startswith("The function was not tried in Lambda's runtime: ")
    assert str(tmp_path / 'nowhere') in printed


def in_isolation(task_root: Path, program: str) -> str:
    """Run a program that can import the zip and what Lambda has; return what it prints."""
    run = subprocess.run(
        [*PYTHON, '-c', program],
        cwd=task_root,
        env=clean_environment() | SETTINGS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_nothing_is_compiled_at_a_cold_start(task_root: Path) -> None:
    program = """if True:
        from importlib.machinery import SourceFileLoader
        def compiling(loader, data, path, **options):
            raise AssertionError(f'{path} is compiled')
        SourceFileLoader.source_to_code = compiling
        import app, json, pkgutil, importlib, chalicelib
        for found in pkgutil.walk_packages(chalicelib.__path__, 'chalicelib.'):
            importlib.import_module(found.name).__doc__
        import sqlglot
        sqlglot.parse_one('SELECT 1', dialect='redshift')
        print('done')
    """

    assert in_isolation(task_root, program) == 'done\n'


def test_every_import_of_what_was_left_of_sqlglot_is_there(task_root: Path) -> None:
    program = """if True:
        import ast, pathlib
        failed = set()
        for file in pathlib.Path('sqlglot').rglob('*.py'):
            package = '.'.join(file.parent.parts)
            waiting = [ast.parse(file.read_text())]
            while waiting:
                node = waiting.pop()
                if isinstance(node, ast.If) and 'TYPE_CHECKING' in ast.unparse(node.test):
                    continue
                waiting += ast.iter_child_nodes(node)
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    try:
                        exec(ast.unparse(node), {'__package__': package})
                    except ImportError as error:  # of its own: others are optional
                        if (error.name or '').partition('.')[0] == 'sqlglot':
                            failed.add(f'{file}: {error}')
        print(*failed)
    """
    files = [file for file in (task_root / 'sqlglot').rglob('*.py') if 'dialects' in file.parts]
    names = {file.stem for file in files}

    assert in_isolation(task_root, program) == '\n'
    assert {'redshift', 'postgres'} <= names
    assert not names & {'snowflake', 'bigquery', 'duckdb', 'mysql'}


@needs('sql')
def test_guard_is_as_strict_with_what_was_left_of_sqlglot(task_root: Path, tmp_path: Path) -> None:
    (tmp_path / 'sqlglot').symlink_to(task_root / 'sqlglot')
    environment = {k: v for k, v in os.environ.items() if not k.startswith('PYTEST_')}
    found = 'import sqlglot; print(sqlglot.__file__)'
    commands = [['-c', found], ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', GUARD_TESTS]]

    where, tested = (
        subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env=environment | {'PYTHONPATH': str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        for command in commands
    )

    assert where.stdout == f'{tmp_path}/sqlglot/__init__.py\n'
    assert tested.returncode == 0, tested.stdout


def test_killed_chalice_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.CompletedProcess([], -9, stdout='', stderr='')
    monkeypatch.setattr(subprocess, 'run', lambda *_, **__: ended)

    with pytest.raises(NotPackaged, match='ended with -9'):
        build(enter_stage('dev'), tmp_path)


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
    assert [tool['name'] for tool in listed['tools']] == [
        route.operation.id for route in operation_routes(app)
    ]
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
    loaded = json.loads(in_isolation(task_root, program))
    files = {name: Path(file) for name, file in loaded.items() if file}

    assert files['chalice.app'] == task_root / 'chalice' / 'app.py'
    places = [task_root, RUNTIME_PACKAGES, Path(sysconfig.get_path('stdlib'))]
    strays = {n: f for n, f in files.items() if not any(f.is_relative_to(p) for p in places)}
    assert strays == {}
    assert not any('site-packages' in file.parts for file in files.values())
