"""The command of the linter: what it takes, what it says and how it ends."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openapi_lint import RULES, command
from openapi_lint.findings.rule import TOOLS
from tests.openapi.notes import NOTES

PROJECT = Path(__file__).parent.parent.parent
BROKEN = NOTES.replace('//api', '//API').replace('  description: Keeps notes.\n', '')
ERROR = (
    'openapi.yaml:6:5: error: #/servers/0/url: `https://API.example.com` has capitals, so it is '
    'ignored. Write them in small letters. [server-case]\n'
)
WARNING = (
    'openapi.yaml:2:1: warning: #/info: it has no description. '
    'Say there what the API is for: the model decides by it. [info-description]\n'
)
CLEAN = ('clean.yaml', NOTES)


@pytest.fixture(autouse=True)
def _documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('NO_COLOR', raising=False)
    for name, text in (('openapi.yaml', BROKEN), CLEAN):
        Path(name).write_text(text)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit status of the command, and what it writes."""
    try:
        status = command.main(arguments)
    except SystemExit as end:
        status = int(end.code or 0)
    written = capsys.readouterr()
    return status, written.out, written.err


def test_findings_are_lines_that_editors_understand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, 'openapi.yaml') == (
        1,
        f'{WARNING}{ERROR}openapi.yaml: 1 error, 1 warning\n',
        '',
    )


def test_what_is_well_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, 'clean.yaml') == (0, 'clean.yaml: no findings\n', '')


@pytest.mark.parametrize(
    ('arguments', 'status', 'rules'),
    [
        (['openapi.yaml', 'clean.yaml', 'openapi.yaml'], 1, ['info-description', 'server-case']),
        (['clean.yaml', 'openapi.yaml'], 1, ['info-description', 'server-case']),
        (['*.yaml'], 1, ['info-description', 'server-case']),
        (['.'], 1, ['info-description', 'server-case']),
        (['openapi.yaml', '--ignore', 'server-case'], 0, ['info-description']),
        (['openapi.yaml', '--ignore', 'server-case,info-description'], 0, []),
        (['openapi.yaml', '--ignore', 'server-case', '--fail-on', 'warning'], 1, None),
        (['clean.yaml', '--fail-on', 'warning'], 0, []),
        (['openapi.yaml', '--max-findings', '1'], 1, ['info-description']),
        (['openapi.yaml', '--max-findings', '0'], 1, []),
        (['openapi.yaml', '--profile', 'tools'], 0, []),
        (['clean.yaml', '--token-url', 'https://auth.example.org/token'], 1, ['oauth-domain']),
    ],
    ids=lambda value: ' '.join(value) if isinstance(value, list) else str(value),
)
def test_findings_and_exit_status(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, rules: list[str] | None
) -> None:
    ended, out, _ = run(capsys, *arguments, '--format', 'json')

    assert ended == status
    if rules is not None:
        assert [finding['rule'] for finding in json.loads(out)] == rules


def test_summary_counts_what_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ('openapi.yaml', 'clean.yaml', '--max-findings', '1')

    assert run(capsys, *arguments)[1].splitlines()[-1] == (
        '2 documents: 1 error, 1 warning (1 not shown)'
    )


def test_standard_input_is_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, 'stdin', io.TextIOWrapper(io.BytesIO(BROKEN.encode())))

    assert run(capsys, '-')[1].startswith('<stdin>:2:1: warning: ')


def test_folder_is_searched_for_what_says_that_it_is_an_api(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {
        'apis/v1/openapi.json': '{"openapi": "3.1.0"}',
        'apis/v1/old.yml': "'swagger': '2.0'",
        'apis/package.json': '{"name": "openapi"}',
        'apis/notes.yaml': 'see: openapi',
        'apis/openapi.txt': 'openapi: 3.1.0',
        'apis/.git/openapi.yaml': 'openapi: 3.1.0',
        'apis/node_modules/openapi.yaml': 'openapi: 3.1.0',
    }
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    found = json.loads(run(capsys, 'apis', '--format', 'json')[1])

    assert sorted({finding['file'] for finding in found}) == [
        'apis/v1/old.yml',
        'apis/v1/openapi.json',
    ]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ([], 'name the documents to check, or - for standard input'),
        (['no-such-file.yaml'], 'no-such-file.yaml: No such file or directory'),
        (['*.json'], '*.json: no file matches'),
        (['empty'], 'empty: no OpenAPI document in this folder'),
        (['openapi.yaml', '--ignore', 'server-cases'], 'there is no rule server-cases'),
        (['openapi.yaml', '--explain', 'server-cases'], "invalid choice: 'server-cases'"),
        (['openapi.yaml', '--max-findings', '-1'], 'argument --max-findings'),
        (['openapi.yaml', '--format', 'xml'], "invalid choice: 'xml'"),
        (['openapi.yaml', '--fix-it'], 'unrecognized arguments: --fix-it'),
    ],
    ids=lambda value: ' '.join(value) if isinstance(value, list) else str(value),
)
def test_own_failure_is_status_2_and_one_clear_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    Path('empty').mkdir()
    status, out, errors = run(capsys, *arguments)

    assert (status, out) == (2, '')
    assert message in errors.splitlines()[-1]


def test_bug_of_the_linter_is_no_finding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(command, 'lint_text', fail)
    status, _, errors = run(capsys, 'openapi.yaml')

    assert status == 2
    assert errors.endswith('this is a bug of the linter, not of the document\n')


def test_library_that_is_missing_for_fix_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, 'ruamel.yaml', None)
    status, _, errors = run(capsys, 'openapi.yaml', '--fix')

    assert (status, 'ruamel' in errors) == (2, True)
    assert Path('openapi.yaml').read_text() == BROKEN


DIFF = """\
--- openapi.yaml
+++ openapi.yaml
@@ -3,7 +3,7 @@
   title: Notes
   version: 1.0.0
 servers:
-  - url: https://API.example.com/dev
+  - url: https://api.example.com/dev
 paths:
   /notes:
     post:
"""


def test_diff_shows_what_fix_would_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, 'openapi.yaml', 'clean.yaml', '--diff') == (1, DIFF, '')
    assert run(capsys, 'clean.yaml', '--diff') == (0, '', '')
    assert run(capsys, 'openapi.yaml', '--diff', '--ignore', 'server-case') == (0, '', '')
    assert run(capsys, 'openapi.yaml', '--diff', '--profile', 'tools') == (0, '', '')
    assert Path('openapi.yaml').read_text() == BROKEN


def test_fix_shows_the_change_and_tells_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, 'openapi.yaml', '--fix') == (
        0,
        f'{WARNING}openapi.yaml: 1 warning\n',
        DIFF,
    )
    assert Path('openapi.yaml').read_text() == BROKEN.replace('//API', '//api')


def test_fix_of_standard_input_goes_to_standard_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, 'stdin', io.TextIOWrapper(io.BytesIO(BROKEN.encode())))
    status, out, errors = run(capsys, '-', '--fix')

    assert (status, out) == (0, BROKEN.replace('//API', '//api'))
    assert errors.endswith('<stdin>: 1 warning\n')


def test_what_cannot_be_mended_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path('openapi.yaml').write_text(BROKEN + 'openapi: 3.1.0\n')
    left = 'gpt-action-lint: openapi.yaml is left as it is: a key stands twice'

    assert run(capsys, 'openapi.yaml', '--diff')[::2] == (
        1,
        f'{left}, and which one is meant is not known\n',
    )
    assert run(capsys, 'openapi.yaml', '--fix')[0] == 1
    assert Path('openapi.yaml').read_text() == BROKEN + 'openapi: 3.1.0\n'


def test_rule_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, '--explain', 'server-case')

    assert status == 0
    assert out.startswith("## server-case\n\n**error**: capitals in the server's scheme or host.\n")
    assert 'Evidence, published: Server URL' in out


def test_frame_shows_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, 'openapi.yaml', '--frames', '--ignore', 'info-description')[1]

    assert out == (
        f'{ERROR}'
        '  6 |   - url: https://API.example.com/dev\n'
        '    |     ^\n'
        'gpt-action-lint --explain RULE says more of a rule.\n'
        'openapi.yaml: 1 error\n'
    )


def test_frame_of_a_long_line_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps({'x-long': '\x1b' * 500, 'openapi': '3.0.0'})
    Path('long.json').write_text(text)
    out = run(capsys, 'long.json', '--frames')[1]

    frame = next(line for line in out.splitlines() if '"openapi": "3.0.0"' in line)
    assert len(frame) < 200
    assert out.isprintable() or '\x1b' not in out


def on_terminal(arguments: list[str], answer: str, **environment: str) -> tuple[int, str]:
    """Run the command on a terminal, and return its exit status and all that it shows."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, '-m', 'openapi_lint', *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=os.environ | {'PYTHONPATH': str(PROJECT)} | environment,
    )
    os.close(follower)
    os.write(leader, answer.encode())
    shown = b''
    while True:
        try:
            part = os.read(leader, 10_000)
        except OSError:  # Linux's end of a terminal
            part = b''
        if not part:
            break
        shown += part
    os.close(leader)
    return process.wait(), shown.decode().replace('\r\n', '\n')


def test_terminal_has_frames_and_colours() -> None:
    status, shown = on_terminal(['openapi.yaml'], '')

    assert status == 1
    assert '\x1b[1mopenapi.yaml:6:5\x1b[0m: \x1b[31merror\x1b[0m: ' in shown
    assert '  6 |   - url: https://API.example.com/dev\n    |     \x1b[31m^\x1b[0m\n' in shown


def test_terminal_has_no_colours_where_they_are_not_wanted() -> None:
    shown = on_terminal(['openapi.yaml'], '', NO_COLOR='1')[1]

    assert '\x1b' not in shown
    assert '  6 |   - url' in shown


@pytest.mark.parametrize(('answer', 'is_written'), [('y\n', True), ('n\n', False), ('\n', False)])
def test_fix_asks_on_a_terminal(answer: str, is_written: bool) -> None:
    status, shown = on_terminal(['openapi.yaml', '--fix'], answer)

    assert 'Write openapi.yaml? [y/N]' in shown
    assert ('//api' in Path('openapi.yaml').read_text(), status) == (
        is_written,
        int(not is_written),
    )


def test_fix_does_not_ask_if_told_yes() -> None:
    shown = on_terminal(['openapi.yaml', '--fix', '--yes'], '')[1]

    assert 'Write openapi.yaml?' not in shown
    assert '//api' in Path('openapi.yaml').read_text()


def test_reader_that_goes_away_is_no_failure() -> None:
    process = subprocess.run(
        f'{sys.executable} -m openapi_lint openapi.yaml openapi.yaml clean.yaml | true',
        shell=True,
        env=os.environ | {'PYTHONPATH': str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert process.stderr == ''


def test_profile_of_tools_has_rules_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    Path('openapi.yaml').write_text(NOTES.replace('getNote', '2notes'))
    found: list[dict[str, Any]] = json.loads(
        run(capsys, 'openapi.yaml', '--profile', TOOLS, '--format', 'json')[1]
    )

    assert [finding['rule'] for finding in found] == ['tool-name']
    assert {rule.name for rule in RULES} >= {finding['rule'] for finding in found}
