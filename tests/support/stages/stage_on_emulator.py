"""A project of its own with stages on AWS, where the emulator is all of AWS."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from click.testing import CliRunner, Result

import capabilities
from emulator.server import Emulator, run_in_thread
from ops.__main__ import main
from ops.stage import json_file, options, variables
from ops.stage.stage import PROJECT, Stage, enter_stage

ACCOUNT = '123456789012'
REGION = 'us-east-1'


@dataclass(frozen=True)
class Project:
    """A copy of what a stage is deployed from, and the AWS that it is deployed to."""

    folder: Path
    emulator: Emulator

    def client(self, service: str) -> Any:
        """Return a client of the AWS."""
        make: Any = boto3.client
        return make(service, region_name=REGION, endpoint_url=self.emulator.url)

    def variables(self, stage: str = 'dev') -> dict[str, str]:
        """Return a stage's settings as they are in the file."""
        config = json.loads((self.folder / '.chalice' / 'config.json').read_text())
        variables: dict[str, str] = config['stages'][stage].get('environment_variables', {})
        return variables

    def configure(self, stage: str = 'dev', **variables: str) -> None:
        """Write settings of a stage by hand."""
        file = self.folder / '.chalice' / 'config.json'
        config = json.loads(file.read_text())
        config['stages'][stage]['environment_variables'] = variables
        file.write_text(json.dumps(config, indent=2) + '\n')

    def stage(self, name: str = 'dev') -> Stage:
        """Return a stage."""
        return enter_stage(name, project=self.folder)

    def ops(self, *arguments: str, stage: str = 'dev', answer: str | None = None) -> Result:
        """Run `python -m ops` for a stage, within this process."""
        with mock.patch.dict(os.environ):  # which a stage's settings are set in
            return CliRunner().invoke(
                main, [*arguments, '--stage', stage], answer, catch_exceptions=False
            )


@contextmanager
def project_on_emulator(folder: Path) -> Iterator[Project]:
    """Copy the project, and run an emulator as the AWS of all its stages."""
    shutil.copytree(PROJECT / '.chalice', folder / '.chalice', ignore=_recorded)
    config = json_file.read(PROJECT / '.chalice' / 'config.json')
    json_file.replace(folder / '.chalice' / 'config.json', config)
    for name in ('app.py', 'requirements.txt'):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(PROJECT / 'resources', folder / 'resources')
    ignored = shutil.ignore_patterns('__pycache__')
    shutil.copytree(PROJECT / 'chalicelib', folder / 'chalicelib', ignore=ignored)
    load = partial(enter_stage, project=folder)
    with (
        run_in_thread() as emulator,
        mock.patch.dict(os.environ, AWS_ENDPOINT_URL=emulator.url, AWS_DEFAULT_REGION=REGION),
        mock.patch.object(options, 'enter_stage', load),
    ):
        for name in variables.names(capabilities.of_a_stage()):
            os.environ.pop(name, None)
        yield Project(folder, emulator)


def _recorded(_folder: str, names: list[str]) -> set[str]:
    return {'deployed', 'deployments', 'ip_allow_list.json'}.intersection(names)
