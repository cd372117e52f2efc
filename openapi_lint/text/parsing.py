"""From a text that anybody may have written to a document of a sane size and depth."""

import json

import yaml

from openapi_lint.text import json_reader, slips, yaml_reader
from openapi_lint.text.source import MAX_CHARACTERS, Position, Source, Unreadable


def parse(text: bytes, name: str = '') -> Source:
    """Parse JSON or YAML; raises Unreadable. A name that ends in ``.json`` promises JSON."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f'it has more than {MAX_CHARACTERS:,} bytes, and ChatGPT takes a million')
    try:
        decoded = text.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        before = text[: error.start]
        column = len(before.rpartition(b'\n')[2].decode(errors='replace')) + 1
        raise Unreadable(
            f'it is not UTF-8: {error.reason}',
            Position(before.count(b'\n') + 1, column),
            'Save it in UTF-8.',
        ) from error
    if page := slips.not_a_document(decoded):
        raise page
    try:
        return json_reader.read(decoded)
    except json.JSONDecodeError as error:
        if name.lower().endswith('.json'):
            raise slips.of_json(error) from error
        return _parse_yaml(decoded, error)


def _parse_yaml(text: str, not_json: json.JSONDecodeError) -> Source:
    try:
        return yaml_reader.read(text)
    except yaml.YAMLError as error:
        # What opens as JSON was meant to be JSON: its own parser says best where it is not.
        is_json = text.lstrip()[:1] in ('{', '[')
        raise slips.of_json(not_json) if is_json else slips.of_yaml(error, text) from error
