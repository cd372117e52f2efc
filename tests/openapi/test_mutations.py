"""No document makes the linter fail: a seeded walk through thousands of damaged ones."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from openapi_lint import PROFILES, lint_text
from openapi_lint.findings.report import Report
from openapi_lint.fixes import NotFixable, fixed
from openapi_lint.fixes.changes import CHANGES
from openapi_lint.formats import FORMATS, as_text
from tests.openapi.notes import NOTES
from tests.openapi.test_fixes import OLD

SEEDS = range(20)
MUTANTS_A_SEED = 15
DOCUMENTS = (NOTES, OLD)
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 10**30, '', ' ', '#', '#/', '/', '~', 'object', 'array'),
    *('null', 'string', 'path', 'query', 'header', 'https://', 'https://[', 'HTTPS://A.B', '3.0.3'),
    *('é\u2028\x85', '\ud7ff', 'x' * 2000, [], {}, [[]], [{}], [None], {'': {}}, {'$ref': '#'}),
    *({'$ref': '#/components/schemas/Note'}, {'$ref': 7}, {'type': 7}, {'type': ['object', None]}),
    *({'properties': []}, {'required': {}}, {'enum': {}}, {'allOf': {}}, {'items': []}),
]
KEYS = [
    *('$ref', 'type', 'properties', 'items', 'required', 'enum', 'anyOf', 'nullable', 'servers'),
    *('parameters', 'content', 'schema', 'openapi', 'paths', 'get', 'head', 'openaiFileIdRef'),
    *('x-openai-isconsequential', '', '/', '<<', '200', 'true', '~'),
]
PIECES = [
    *('\t', ' ', '  ', '\n', '- ', ': ', ':', '#', '"', "'", '{', '}', '[', ']', ',', '&a ', '*a'),
    *(
        '<<: ',
        '!!',
        '!',
        '|',
        '>',
        '---\n',
        '...\n',
        '%',
        '@',
        '`',
        '\x00',
        '\ufeff',
        '\r',
        'é',
        '?',
    ),
]


def members(value: Any) -> list[tuple[Any, Any]]:
    """Return every object and list of a value with each of its keys or indexes."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [m for key in keys for m in members(value[key])]


def replace(tree: Any, chance: random.Random) -> None:
    """Put a value where another one was."""
    holder, key = chance.choice(members(tree))
    holder[key] = copy.deepcopy(chance.choice(VALUES))


def delete(tree: Any, chance: random.Random) -> None:
    """Take something out."""
    holder, key = chance.choice(members(tree))
    del holder[key]


def rename(tree: Any, chance: random.Random) -> None:
    """Give something another name."""
    holder, key = chance.choice(members(tree))
    if isinstance(holder, dict):
        holder[chance.choice(KEYS)] = holder.pop(key)


def move(tree: Any, chance: random.Random) -> None:
    """Put a part of the document where another part was."""
    (source, from_key), (target, to_key) = chance.sample(members(tree), 2)
    target[to_key] = copy.deepcopy(source[from_key])


CHANGES_OF_TREES: list[Callable[[Any, random.Random], None]] = [replace, delete, rename, move]


def damaged_tree(chance: random.Random) -> str:
    """Return a document that is damaged in what it says, as YAML or JSON."""
    tree = yaml.safe_load(chance.choice(DOCUMENTS))
    for _ in range(chance.randint(1, 4)):
        if members(tree):
            chance.choice(CHANGES_OF_TREES)(tree, chance)
    if chance.random() < 0.5:
        return json.dumps(tree, indent=chance.choice([None, 1, 2]))
    return yaml.safe_dump(
        tree, sort_keys=False, default_flow_style=chance.choice([None, True, False])
    )


def damaged_text(chance: random.Random) -> str:
    """Return a document that is damaged in how it is written."""
    text = chance.choice(DOCUMENTS)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(text) + 1), chance.choice([0, 0, 1, 2, 20])
        piece = chance.choice([*PIECES, text[at - 60 : at]])
        text = text[:at] + piece + text[at + length :]
    return text


@pytest.mark.parametrize('seed', SEEDS)
@pytest.mark.parametrize('damaged', [damaged_tree, damaged_text])
def test_damaged_document_has_findings_with_a_place(
    damaged: Callable[[random.Random], str], seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(MUTANTS_A_SEED):
        text = damaged(chance).encode(errors='replace')
        for profile in PROFILES:
            findings = lint_text(text, file='a.yaml', profile=profile)
            report = Report({'a.yaml': text}, findings, [])
            assert chance.choice(list(FORMATS.values()))(report) or not findings
            assert as_text.write(report, frames=True, colours=True)
            assert all(f.line or f.rule == 'unreadable' for f in findings)


@pytest.mark.parametrize('seed', SEEDS[:8])
def test_damaged_document_is_mended_once_and_for_all(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(MUTANTS_A_SEED):
        text = chance.choice([damaged_tree, damaged_text])(chance).encode(errors='replace')
        try:
            mended = fixed(text, list(CHANGES))
        except NotFixable:
            continue
        left = {finding.rule for finding in lint_text(mended)}
        assert 'unreadable' not in left or 'unreadable' in {f.rule for f in lint_text(text)}
        assert fixed(mended, list(CHANGES)) == mended
