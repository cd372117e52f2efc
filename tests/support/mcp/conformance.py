"""The official conformance suite's server scenarios: run, and told as docs/mcp_conformance.md does.

`python -m tests.mcp_conformance` runs it against `make dev` and puts the table into that page.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from werkzeug.wrappers import Request, Response

from tests.support.dev_process import ROOT
from tests.support.mcp import dev_server
from tests.support.mcp.node import command
from tests.support.raw_http import serving

DOCUMENT = ROOT / 'docs' / 'mcp_conformance.md'
BEGIN, END = '<!-- results -->\n', '<!-- end of results -->'
# The suite takes the newest revision with a handshake where a scenario has one, or the only one.
RUNS: dict[str, list[str]] = {'its choice': [], '2026-07-28': ['--spec-version', '2026-07-28']}

# Why a check can say nothing of this server, by what the suite says of it.
REASONS = {
    'extension': r'^(tasks|sep-2640-skills)-',
    'session': r'^server-sse-',
    'feature': r'Unknown method: (resources|prompts|completion|logging)/|^sep-2164-',
    'tool': (
        r'Unknown tool: |Available tools: |server (does not list|exposes no tool)|'
        r'^input-required-result-'
    ),
}
_TOLD = ('SUCCESS', 'INFO', 'SKIPPED')


class Check(NamedTuple):
    """What the suite has found."""

    id: str
    status: str
    message: str


Results = dict[str, list[Check]]


def run(mcp_url: str, token: str) -> dict[str, Results]:
    """Run all scenarios with a token, which the suite can't send itself, once for each of RUNS."""
    with serving(_with_token(mcp_url, token)) as url, ThreadPoolExecutor() as pool:
        mine = url.replace('127.0.0.1', 'localhost') + '/mcp'
        ran = pool.map(lambda options: _run(mine, options), RUNS.values())
        return dict(zip(RUNS, ran, strict=True))


def table(runs: dict[str, Results]) -> str:
    """Return a row for each scenario: the checks that it passed, and why it didn't the others."""
    scenarios = dict.fromkeys(name for results in runs.values() for name in results)
    header = ['scenario', *runs, 'not for this server', 'checks']
    rows = [header, ['---'] * len(header)]
    for name in sorted(scenarios):
        checks = [results.get(name, []) for results in runs.values()]
        open_ones = dict(_not_passed(name, [check for some in checks for check in some]))
        rows.append(
            [
                f'`{name}`',
                *map(_passed, checks),
                ', '.join(dict.fromkeys(open_ones.values())),
                ', '.join(f'`{id_}`' for id_ in open_ones),
            ]
        )
    return ''.join(f'| {" | ".join(row)} |\n' for row in rows)


def written() -> str:
    """Return the table that stands in the page."""
    return DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0].strip() + '\n'


def write(found: str) -> None:
    """Put a table into the page."""
    before, begin, rest = DOCUMENT.read_text().partition(BEGIN)
    DOCUMENT.write_text(f'{before}{begin}\n{found}\n{END}{rest.partition(END)[2]}')


def _passed(checks: list[Check]) -> str:
    judged = [check for check in checks if check.status not in ('INFO', 'SKIPPED')]
    passed = sum(check.status == 'SUCCESS' for check in judged)
    return f'{passed} of {len(judged)}' if judged else 'skipped' if checks else ''


def _not_passed(scenario: str, checks: list[Check]) -> Iterator[tuple[str, str]]:
    """Yield what did not pass, with the reason for which it doesn't apply, or that it failed."""
    for check in checks:
        if check.status not in _TOLD:
            said = f'{scenario} {check.id}: {check.message}'
            found = (reason for reason, words in REASONS.items() if re.search(words, said))
            yield check.id, next(found, f'**failed: {check.message}**')


def _run(url: str, options: list[str]) -> Results:
    with TemporaryDirectory() as folder:
        asked = ['server', '--url', url, '--suite', 'all', '--output-dir', folder, *options]
        subprocess.run(
            [*command('conformance'), *asked],
            env={'PATH': os.defpath},
            stdout=subprocess.DEVNULL,
            timeout=300,
            check=False,  # it fails as soon as one check does not pass
        )
        return dict(_read(Path(folder)))


def _read(folder: Path) -> Iterator[tuple[str, list[Check]]]:
    for file in sorted(folder.glob('*/checks.json')):
        scenario = re.sub(r'-\d{4}-\d\d-\d\dT.*', '', file.parent.name).removeprefix('server-')
        yield (
            scenario,
            [
                Check(check['id'], check['status'], check.get('errorMessage') or '')
                for check in json.loads(file.read_text())
            ],
        )


def _with_token(mcp_url: str, token: str) -> WSGIApplication:
    """Return an application that hands requests on with a token, and the answers back."""
    server = urlsplit(mcp_url)

    @Request.application
    def forward(request: Request) -> Response:
        connection = HTTPConnection(str(server.hostname), server.port, timeout=60)
        headers = {**request.headers, 'Authorization': f'Bearer {token}', 'Connection': 'close'}
        connection.request(request.method, request.full_path, request.get_data(), headers)
        answer = connection.getresponse()
        sent = [pair for pair in answer.getheaders() if pair[0].lower() != 'connection']
        return Response(answer.read(), answer.status, sent)

    return forward


if __name__ == '__main__':
    with dev_server.running() as dev:
        write(table(run(dev.mcp_url, dev.access_token())))
