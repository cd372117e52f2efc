"""AWS's own validators, and checkov: what each has to say of templates."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

INSTALLED = Path(__file__).parent.parent.parent.parent / '.cache' / 'validators'
# They ask neither AWS nor their makers for anything, nor look at this machine's own settings.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith('AWS_')},
    'AWS_DEFAULT_REGION': 'us-east-1',
    'AWS_CONFIG_FILE': os.devnull,
    'AWS_SHARED_CREDENTIALS_FILE': os.devnull,
    'SAM_CLI_TELEMETRY': '0',
}


def cfn_lint(*files: Path) -> str:
    """Return what cfn-lint has to say."""
    return _run([Path(sys.executable).with_name('cfn-lint'), '--format', 'parseable', *files])[1]


def sam_validate(file: Path) -> tuple[int, str]:
    """Return the status and the findings of `sam validate --lint`."""
    status, said = _run(
        [tool('aws-sam-cli', 'sam'), 'validate', '--lint', '--template', file], cwd=file.parent
    )
    return status, said.replace(f'{file} is a valid SAM Template', '').strip()


def checkov(folder: Path) -> set[tuple[str, str]]:
    """Return what checkov finds in a folder's templates: checks, and the resources that fail."""
    command = ['--framework', 'cloudformation', '--skip-download', '--output', 'json']
    _, said = _run([tool('checkov', 'checkov'), *command, '--directory', folder])
    results = json.loads(said)['results']
    checked = {each['file_path'] for each in results['passed_checks'] + results['failed_checks']}
    assert checked == {f'/{file.name}' for file in folder.iterdir()}
    return {
        (each['check_id'], each['resource'].rpartition('.')[2]) for each in results['failed_checks']
    }


def tool(name: str, program: str) -> Path:
    """Return a program of a validator, and fail the test where it is not installed."""
    found = INSTALLED / name / 'bin' / program
    assert found.exists(), f'{name} is not installed: `make test` does that.'
    return found


def _run(command: list[Any], cwd: Path | None = None) -> tuple[int, str]:
    run = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout.strip() or run.stderr.strip()
