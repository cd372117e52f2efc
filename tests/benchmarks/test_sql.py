"""The benchmarks of SQL: their arithmetic, and one round of them with small results."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from benchmarks import services, sql
from benchmarks.memory import PeakMemory
from benchmarks.report import Ratio
from benchmarks.services import Services, StatementFailed
from benchmarks.sql import CHATGPT, FEW_ROWS, LAMBDA, Costs, Limit, limit_of_cookbook
from benchmarks.sql_calls import TOO_LARGE, Moved
from benchmarks.sql_report import as_json, as_markdown, throughput
from benchmarks.zips import BYTE_COPY, COOKBOOK, THIS_APP, unpack_for_sql, unpack_this_app
from ops.packaging.lambda_runtime import EVENT, Function, RuntimeNotUsable, architecture
from ops.stage.stage import enter_stage

MANY, MORE = 1_000_000, 10_000_000
MEASURED = {
    THIS_APP: [
        Costs(8, 4, 9, {FEW_ROWS: Moved(1, 50, 9, 1), MANY: Moved(2, 54, 80, 3), MORE: more})
        for more in (Moved(4, 80, 100, 10), Moved(5, 81, 100, 10))
    ],
    COOKBOOK: [
        Costs(2, 2, 48, {FEW_ROWS: Moved(1, 48, 0, 0), MANY: Moved(9, 481, 0, 0)}) for _ in range(2)
    ],
    BYTE_COPY: [
        Costs(
            1,
            1,
            1,
            {FEW_ROWS: Moved(1, 1, 9, 1), MANY: Moved(1, 1, 80, 3), MORE: Moved(2, 1, 100, 10)},
        )
        for _ in range(2)
    ],
}
LIMITS = {CHATGPT: Limit(3_437, 74_247), LAMBDA: Limit(202_000, 4_693_251)}


@pytest.fixture(scope='module')
def running() -> Iterator[Services]:
    """Run the services with a few rows."""
    with services.running(3_000) as found:
        yield found


@pytest.mark.parametrize(
    'line',
    [
        'this app | 8 ms, 4.00 x (4.00-4.00) | 4 ms, 2.00 x (2.00-2.00) | 9 MB | 4.0 MB | 31.0 MB',
        f'{COOKBOOK} | 2 ms | 2 ms | 48 MB | 433.0 MB | not measured',
        '1,000,000 | 0.0 MB in 3 files | 2 s | 1 s | 0.50 x (0.50-0.50)',
        'ChatGPT: 100,000 characters | 3,437 rows | 74 kB',
        'memory from 1,000 to 1,000,000 rows: at most 30 MB more | 4.0 MB | yes',
        'memory from 1,000 to 10,000,000 rows: at most 30 MB more | 31.0 MB | no',
    ],
)
def test_tables_say_what_was_measured(line: str) -> None:
    table = as_markdown(MEASURED, LIMITS).splitlines()
    lines = [' | '.join(cell.strip() for cell in row.split('|')).strip(' |') for row in table]

    assert line in lines


def test_throughput_is_compared_within_each_round() -> None:
    assert throughput(MEASURED, MORE) == Ratio(0.45, 0.4, 0.5)


def test_json_has_every_single_measurement() -> None:
    found = json.loads(json.dumps(as_json(MEASURED, LIMITS)))

    assert found['rounds'][THIS_APP][1]['moved'][str(MORE)] == {
        'seconds': 5,
        'peak_mb': 81,
        'size_bytes': 100,
        'files': 10,
    }
    assert found['limits'][LAMBDA] == {'rows': 202_000, 'size_bytes': 4_693_251}


class Answering(Function):
    """A function of the cookbook's way whose files have 300 bytes a row; Lambda stops at 6 MB."""

    def __init__(self) -> None:
        super().__init__(HTTPConnection('localhost'), 0)

    def invoke(self, event: Mapping[str, Any] = EVENT) -> dict[str, Any]:
        """Answer as many rows as the LIMIT says."""
        (rows,) = re.findall(r'LIMIT (\d+)', json.loads(event['body'])['sql_statement'])
        body = json.dumps({'openaiFileResponse': [{'content': 'A' * 400 * int(rows)}]})
        if len(body) > 6_000_000:
            return {'errorType': TOO_LARGE}
        return {'statusCode': 200, 'body': body}


@pytest.mark.parametrize('characters', [500_000, 1_000_000, 100_000_000])
def test_largest_answer_that_fits_is_found(characters: int) -> None:
    found = limit_of_cookbook(
        Answering(), lambda answer: 'statusCode' in answer and len(answer['body']) <= characters
    )

    assert 0.99 <= found.rows * 400 / min(characters, 6_000_000) <= 1
    assert found.size_bytes == found.rows * 300


def test_peak_is_seen_though_the_process_has_let_go_of_it() -> None:
    program = 'held = bytes(range(200)) * 400_000; del held; print(flush=True); input()'
    pipe = subprocess.PIPE
    command = ['sh', '-c', '"$0" -c "$1"; exit', sys.executable, program]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as parent:
        assert parent.stdout
        with PeakMemory(parent.pid) as peak:
            parent.stdout.readline()
        parent.communicate(b'\n')

    assert 80 < peak.megabytes < 120


def test_statement_that_fails_is_reported(running: Services) -> None:
    with pytest.raises(StatementFailed, match='nothing'):
        running.finished_statement('SELECT * FROM nothing')


def test_every_contender_is_measured(running: Services, tmp_path: Path) -> None:
    for_lambda = enter_stage('dev').config.lambda_architecture
    try:
        here = architecture()
    except RuntimeNotUsable as error:
        pytest.skip(str(error))
    if here != for_lambda:
        pytest.skip(f'The zip is for {for_lambda}, this machine is {here}.')
    folders = [tmp_path / name for name in ('contenders', 'bytecode')]
    for folder in folders:
        folder.mkdir()
    zips = unpack_for_sql(folders[0], unpack_this_app(folders[0]))

    measured = sql.measure(zips, running, [2_000], range(1), folders[1])

    body = len(b''.join(_csv_rows(running, 2_000)))
    header = len(b'order_id,line_number,product_id,quantity,unit_price\r\n')
    for name in (THIS_APP, BYTE_COPY):
        moved = measured[name][0].moved[2_000]
        assert (moved.size_bytes, moved.files) == (header + body, 1)
    assert {name: list(costs.moved) for name, (costs,) in measured.items()} == {
        name: [FEW_ROWS, 2_000] for name in zips
    }
    assert all(costs.cold and costs.compiled and costs.peak_mb for (costs,) in measured.values())


def _csv_rows(running: Services, rows: int) -> Iterator[bytes]:
    finished = running.finished_statement(sql.query(rows))
    page = running.data_api.get_statement_result_v2(Id=f'{finished}:2')
    for record in page['Records']:
        yield from record['CSVRecords'].encode().splitlines(keepends=True)[1:]
