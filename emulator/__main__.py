"""`python -m emulator`: the emulator and, with --api, the API that uses it: this is `make dev`."""

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import click

from emulator.sample import data, people
from emulator.server import Emulator, run_in_thread

_PORT = click.IntRange(1, 65535)
_DEFAULTS = {'EMULATOR_PORT': 9400, 'API_PORT': 8000}
_UNUSABLE = {errno.EADDRINUSE: 'is in use', errno.EACCES: 'may not be used'}
_PROJECT = Path(__file__).parent.parent


_port_option = partial(click.option, type=_PORT, show_default=True, show_envvar=True)


@click.command()
@_port_option('--port', envvar='EMULATOR_PORT', default=_DEFAULTS['EMULATOR_PORT'])
@_port_option('--api-port', envvar='API_PORT', default=_DEFAULTS['API_PORT'])
@click.option('--api', is_flag=True, help='Run `chalice local --stage local` as well.')
@click.option(
    '--scale',
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help='How large the sample shop is: 400 makes a million order lines.',
)
def main(*, port: int, api: bool, api_port: int, scale: int) -> None:
    """Run Cognito and the rest of AWS on this machine, until Ctrl-C.

    State is in memory: every start is a fresh one.
    """
    ports = {'EMULATOR_PORT': port} | ({'API_PORT': api_port} if api else {})
    _check(ports)
    for name in ('AWS_PROFILE', 'AWS_DEFAULT_PROFILE'):
        os.environ.pop(name, None)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    logging.basicConfig(format='%(message)s')
    with run_in_thread(port, scale=scale) as emulator:
        if not api:
            _welcome(emulator, ports)
            while True:
                signal.pause()
        with _chalice_local(ports) as process:
            _wait_for_answer(process, api_port)
            _welcome(emulator, ports)
            process.wait()
            raise click.ClickException(f'The API ended with status {process.returncode}.')


def _check(ports: dict[str, int]) -> None:
    """Refuse ports that can't be listened on, before anything is started."""
    if len(set(ports.values())) < len(ports):
        raise click.ClickException(f'{" and ".join(ports)} are the same port. Choose two.')
    for setting, port in ports.items():
        # "localhost" may mean either address.
        for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
            try:
                socket.create_server((host, port), family=family).close()
            except OSError as error:
                if error.errno in _UNUSABLE:
                    raise click.ClickException(
                        f'Port {port} {_UNUSABLE[error.errno]}. '
                        f'Stop what listens there, or set {setting} to another port.'
                    ) from error


def _stop(*_: object) -> None:
    """End without output, and only once: a second Ctrl-C does not disturb the end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


@contextmanager
def _chalice_local(ports: dict[str, int]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the API as a child whose output is this process's own."""
    chalice = Path(sys.executable).with_name('chalice')
    options = ['--stage', 'local', '--port', str(ports['API_PORT']), '--no-autoreload']
    environment = os.environ | {setting: str(port) for setting, port in ports.items()}
    # A port set for another emulator would win over the one that was just started.
    environment.pop('AWS_ENDPOINT_URL', None)
    with subprocess.Popen(  # noqa: S603  the project's own command
        # Without the terminal: chalice's command line would ask it questions.
        [chalice, 'local', *options],
        cwd=_PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _wait_for_answer(process: subprocess.Popen[bytes], port: int) -> None:
    while True:
        with suppress(OSError), socket.create_connection(('127.0.0.1', port)):
            return
        with suppress(subprocess.TimeoutExpired):
            raise click.ClickException(f'The API ended with status {process.wait(0.1)}.')


def _welcome(emulator: Emulator, ports: dict[str, int]) -> None:
    """Say where everything is and what to do next, and log requests from now on."""
    lines = {
        'AWS endpoint': emulator.url,
        'App client id': emulator.client_id,
        'People': ', '.join(f'{p.email} ({", ".join(p.groups)})' for p in people.PEOPLE),
        'Password': f'{data.TEMPORARY_PASSWORD} (to be changed at the first sign-in)',
    }
    if 'API_PORT' in ports:
        api = f'http://localhost:{ports["API_PORT"]}'
        lines = {'API': api, 'MCP server': f'{api}/mcp'} | lines
    click.echo()
    for name, value in lines.items():
        click.echo(f'  {click.style(name.ljust(15), bold=True)}{value}')
    click.echo('\nNext, in another terminal:\n')
    for command in _next_commands(emulator, ports):
        click.secho(f'  {command}', fg='cyan')
    click.echo('\nStop with Ctrl-C.\n')
    logging.getLogger('emulator').setLevel(logging.INFO)


def _next_commands(emulator: Emulator, ports: dict[str, int]) -> list[str]:
    if 'API_PORT' not in ports:
        return [
            f'export AWS_ENDPOINT_URL={emulator.url} AWS_DEFAULT_REGION={data.REGION}',
            'export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test',
        ]
    chosen = [f'{name}={port} ' for name, port in ports.items() if port != _DEFAULTS[name]]
    python = Path(sys.executable)
    named = python.relative_to(_PROJECT) if python.is_relative_to(_PROJECT) else python
    return [
        f'{"".join(chosen)}{named} {command} --stage local'
        for command in ('-m ops try postSuccess', 'openapi_export.py')
    ]


if __name__ == '__main__':
    main()
