"""The addresses that ChatGPT calls from: taken over whole, or refused whole."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ops.__main__ import main
from ops.gateway import ip_ranges
from ops.gateway.ip_allow_list import KEPT_IN, RangesRefused, keep, kept, resource_policy
from ops.gateway.ip_ranges import read


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own to keep ranges in."""
    (tmp_path / '.chalice').mkdir()
    configure(tmp_path, dev={'api_gateway_stage': 'dev'})
    monkeypatch.setattr(ip_ranges, 'PROJECT', tmp_path)
    return tmp_path


def configure(project: Path, /, dev: dict[str, Any], **settings: Any) -> None:
    """Write the settings of a project with one stage."""
    config = {'app_name': 'aws-middleware', **settings, 'stages': {'dev': dev}}
    (project / '.chalice' / 'config.json').write_text(json.dumps(config))


def configured(project: Path) -> dict[str, Any]:
    """Return the settings of a project."""
    config: dict[str, Any] = json.loads((project / '.chalice' / 'config.json').read_text())
    return config


def published(*ranges: str) -> bytes:
    """Return a file as OpenAI publishes it."""
    prefixes = [{'ipv6Prefix' if ':' in each else 'ipv4Prefix': each} for each in ranges]
    return json.dumps({'creationTime': '2026-05-27T06:31:14Z', 'prefixes': prefixes}).encode()


def take_over(*ranges: str) -> Result:
    """Run `ops ip-ranges -` on a published file."""
    return CliRunner().invoke(main, ['ip-ranges', '-'], published(*ranges), catch_exceptions=False)


def test_takes_ranges_over_sorted_and_says_what_is_new(project: Path) -> None:
    result = take_over('52.225.75.208/28', '4.151.71.176/28', '2a01:4f8::/48')

    assert (result.exit_code, result.stderr) == (0, '')
    assert result.stdout == (
        'Added: 4.151.71.176/28\n'
        'Added: 52.225.75.208/28\n'
        'Added: 2a01:4f8::/48\n'
        '.chalice/ip_allow_list.json has 3 ranges. Put that in force with '
        '`python -m ops up` or `python -m ops deploy`.\n'
    )
    assert kept(project) == ['4.151.71.176/28', '52.225.75.208/28', '2a01:4f8::/48']


def test_says_what_is_gone(project: Path) -> None:
    take_over('52.225.75.208/28', '4.151.71.176/28')

    result = take_over('4.151.71.176/28', '4.151.119.48/28')

    assert result.stdout.splitlines()[:2] == [
        'Added: 4.151.119.48/28',
        'Removed: 52.225.75.208/28',
    ]
    assert kept(project) == ['4.151.71.176/28', '4.151.119.48/28']


def test_taking_the_same_over_again_changes_nothing(project: Path) -> None:
    take_over('52.225.75.208/28', '4.151.71.176/28')
    before = (project / KEPT_IN).stat().st_mtime_ns

    result = take_over('4.151.71.176/28', '52.225.75.208/28')

    assert result.stdout == '.chalice/ip_allow_list.json has these 2 ranges already.\n'
    assert (project / KEPT_IN).stat().st_mtime_ns == before


def test_adjacent_and_repeated_ranges_are_one() -> None:
    assert read(published('8.8.8.0/25', '8.8.8.128/25', '8.8.8.0/25')) == ['8.8.8.0/24']


@pytest.mark.parametrize(
    ('ranges', 'problem'),
    [
        ([], 'The list is empty, which would close the API to everybody'),
        (['0.0.0.0/0'], 'no list of servers is that broad'),
        (['::/0'], 'no list of servers is that broad'),
        (['20.0.0.0/15'], '20.0.0.0/15 is 131,072 addresses'),
        (['20.0.0.0/16', '20.1.0.0/16'], '20.0.0.0/15 is 131,072 addresses'),
        (['10.1.0.0/16'], '10.1.0.0/16 is not on the public Internet'),
        (['192.168.1.0/24'], 'is not on the public Internet'),
        (['127.0.0.1'], 'is not on the public Internet'),
        (['169.254.169.254/32'], 'is not on the public Internet'),
        (['100.64.0.0/16'], 'is not on the public Internet'),
        (['224.0.0.0/16'], 'is not on the public Internet'),
        (['fd00::/48'], 'is not on the public Internet'),
        (['8.8.8.8/24'], 'is no range of addresses: 8.8.8.8/24 has host bits set'),
        (['8.8.8.0/33'], 'is no range of addresses'),
        (['8.8.8'], 'is no range of addresses'),
        (['*'], 'is no range of addresses'),
        (['\x1b[2J'], '\\u001b[2J is no range of addresses'),
        (['8.8.8.0/24', '"]}}'], 'is no range of addresses'),
        ([f'8.{n % 2}.{n // 2}.0/25' for n in range(512)], '512 ranges are more than a resource'),
    ],
)
def test_refuses_ranges(project: Path, ranges: Sequence[str], problem: str) -> None:
    result = take_over(*ranges)

    assert (result.exit_code, result.stdout) == (1, '')
    assert problem in result.stderr
    assert '\x1b' not in result.stderr
    assert not (project / KEPT_IN).exists()


@pytest.mark.parametrize(
    'text',
    [
        b'',
        b'{',
        b'[]',
        b'null',
        b'"8.8.8.0/24"',
        b'{"prefixes": 1}',
        b'{"prefixes": ["8.8.8.0/24"]}',
        b'{"prefixes": [{}]}',
        b'{"prefixes": [{"ipv4Prefix": null}]}',
        b'<!doctype html>',
        b'\xff\xfe',
        b'[' * 100_000,
    ],
)
def test_refuses_what_openai_does_not_publish(text: bytes) -> None:
    with pytest.raises(RangesRefused, match='The file is not as OpenAI publishes it'):
        read(text)


@pytest.mark.parametrize('value', [1, 1.5, True, ['8.8.8.0/24'], {'a': 1}])
def test_refuses_a_range_that_is_no_text(value: Any) -> None:
    with pytest.raises(RangesRefused, match='is no range of addresses'):
        read(json.dumps({'prefixes': [{'ipv4Prefix': value}]}).encode())


def test_refuses_a_huge_file() -> None:
    with pytest.raises(RangesRefused, match='more than 1,000,000 bytes'):
        read(b' ' * 1_000_001)


@pytest.mark.parametrize(
    'text',
    [
        *('', '{', '[]', '{"a": 1}', '1', '{"Statement": [{"Sid": "Mine"}]}'),
        json.dumps(resource_policy(['0.0.0.0/0'])),
        json.dumps(resource_policy(['8.8.8.0/24', '"]}}'])),
        json.dumps(resource_policy([])),
        json.dumps(resource_policy([[]])),  # type: ignore[list-item]
    ],
)
def test_kept_ranges_that_somebody_spoilt_are_refused_and_mended(project: Path, text: str) -> None:
    keep(project, ['8.8.8.0/24'])
    (project / KEPT_IN).write_text(text)

    with pytest.raises(RangesRefused, match=r'ip_allow_list.json: .* Write it anew'):
        kept(project)
    assert take_over('8.8.8.0/24').stdout.startswith('Added: 8.8.8.0/24\n')
    assert kept(project) == ['8.8.8.0/24']


def test_kept_ranges_that_somebody_removed_are_missed(project: Path) -> None:
    keep(project, ['8.8.8.0/24'])
    (project / KEPT_IN).unlink()

    with pytest.raises(RangesRefused, match=r'ip_allow_list.json: .*No such file.* Write it anew'):
        kept(project)
    assert everybody().exit_code == 0


def everybody() -> Result:
    """Run `ops ip-ranges --everybody`."""
    return CliRunner().invoke(main, ['ip-ranges', '--everybody'], catch_exceptions=False)


def test_nothing_is_printed_or_left_where_it_cannot_be_kept(project: Path) -> None:
    (project / KEPT_IN).mkdir()

    result = take_over('8.8.8.0/24')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr.startswith(f'Error: {project / KEPT_IN}: ')
    assert 'api_gateway_policy_file' not in configured(project)
    assert sorted(file.name for file in (project / '.chalice').iterdir()) == [
        'config.json',
        'ip_allow_list.json',
    ]


def test_everybody_may_call_again(project: Path) -> None:
    before = configured(project)
    take_over('8.8.8.0/24')
    assert list(configured(project)) == ['app_name', 'api_gateway_policy_file', 'stages']

    results = everybody(), everybody()

    assert results[0].stdout.startswith('Every address may call. Put that in force with ')
    assert results[1].stdout == 'Every address may call already.\n'
    assert configured(project) == before
    assert not (project / KEPT_IN).exists()


@pytest.mark.parametrize('arguments', [[], ['-', '--everybody']])
def test_says_who_is_to_be_let_in(project: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ['ip-ranges', *arguments], published('8.8.8.0/24'))

    assert (result.exit_code, 'Give either FILE or --everybody' in result.stderr) == (2, True)
    assert kept(project) == []


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"app_name": "a", "stages": []}'])
def test_settings_that_are_none_are_named(project: Path, text: str) -> None:
    file = project / '.chalice' / 'config.json'
    file.write_text(text)

    for result in (take_over('8.8.8.0/24'), everybody()):
        assert (result.exit_code, result.stdout) == (1, '')
        assert result.stderr.startswith(f'Error: {file}: ')
    assert file.read_text() == text
    assert not (project / KEPT_IN).exists()


@pytest.mark.parametrize('named', ['mine.json', 5, ['mine.json'], {}])
def test_refuses_ranges_beside_a_policy_of_your_own(project: Path, named: Any) -> None:
    setting = {'api_gateway_policy_file': named}
    for configuration in ({'dev': {}, **setting}, {'dev': setting}):
        configure(project, **configuration)
        before = configured(project)

        results = take_over('8.8.8.0/24'), everybody()

        assert all(each.exit_code == 1 for each in results)
        assert all(f'of your own, {named}: put the ranges there' in r.stderr for r in results)
        assert configured(project) == before


def test_no_ranges_are_kept_at_first(project: Path) -> None:
    assert kept(project) == []


def test_policy_lets_in_the_ranges_and_everybody_to_sign_in() -> None:
    invoke = {'Effect': 'Allow', 'Principal': '*', 'Action': 'execute-api:Invoke'}

    assert resource_policy(['8.8.8.0/24'])['Statement'] == [
        {
            'Sid': 'CallFromTheseRanges',
            **invoke,
            'Resource': 'execute-api:/*',
            'Condition': {'IpAddress': {'aws:SourceIp': ['8.8.8.0/24']}},
        },
        {
            'Sid': 'SignInFromAnywhere',
            **invoke,
            'Resource': 'execute-api:/*/GET/oauth2/authorize',
        },
    ]
