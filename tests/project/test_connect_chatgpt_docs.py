"""docs/connect_chatgpt.md is held against the commands, checks, limits and pages that it names."""

import re
from pathlib import Path

import click
import pytest

from chalicelib.sign_in import proxy
from ops.__main__ import main
from ops.checks import CHECKS

DOCS = Path(__file__).parent.parent.parent / 'docs'
PAGE = (DOCS / 'connect_chatgpt.md').read_text()
MAX_IMAGE_BYTES = 60_000


def test_names_only_checks_that_the_doctor_makes() -> None:
    tables = PAGE.partition('## Trouble-shooting')[2]
    rows = re.findall(r'^\|.*\| ([^|]*) \|$', tables, flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r'`([^`]+)`', row)}

    assert len(named) > 10
    assert named <= {check.name for check in CHECKS}


def test_names_only_commands_that_there_are() -> None:
    used = set(re.findall(r'(?:python -m |`)ops ((?:[a-z-]+ ?)+)', PAGE))

    assert len(used) > 5
    for words in used:
        command: click.Command = main
        for word in words.split():
            if isinstance(command, click.Group):
                assert word in command.commands, words
                command = command.commands[word]


def test_tells_the_limits_of_the_sign_in_through_the_api() -> None:
    text = ' '.join(PAGE.split())

    assert f'A query of up to {proxy.MAX_QUERY_CHARACTERS:,} characters' in text
    assert f'a form of up to {proxy.MAX_FORM_BYTES:,} bytes' in text
    assert f'an answer of up to {proxy.MAX_ANSWER_BYTES:,} bytes' in text
    assert f'within {proxy.SECONDS:g} seconds' in text
    for grant in proxy.GRANT_TYPES:
        assert f'`{grant}`' in text


@pytest.mark.parametrize('image', sorted((DOCS / 'images').iterdir()), ids=lambda path: path.name)
def test_pictures_are_small_and_shown(image: Path) -> None:
    content = image.read_bytes()

    assert content.startswith(b'\x89PNG\r\n\x1a\n')
    assert len(content) < MAX_IMAGE_BYTES
    assert any(f'](images/{image.name})' in page.read_text() for page in DOCS.glob('*.md'))
