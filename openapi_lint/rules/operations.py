"""Rules about operations: their names, their texts and what they say of themselves."""

import difflib
import re

from openapi_lint.findings.evidence import (
    OPENAPI,
    PRODUCTION,
    START,
    TELNYX,
    documented,
    inferred,
    published,
)
from openapi_lint.findings.rule import PROFILES, Problems, quote, rule
from openapi_lint.text.document import Document, Node

MAX_TEXT_CHARACTERS = 300
CONSEQUENTIAL = 'x-openai-isConsequential'


@rule(
    'operation-id',
    'error',
    breaks='no `operationId`',
    remedy='Give it an operationId: the model calls the operation by it.',
    evidence=published('In path /notes, method get is missing operationId; skipping'),
    profiles=PROFILES,
)
def _has_operation_id(document: Document) -> Problems:
    for operation in document.operations:
        if not operation['operationId'].text:
            yield operation, 'it has no operationId, so it is skipped'


@rule(
    'operation-id-form',
    'error',
    breaks='not 1 to 64 letters, digits, `_` and `-`',
    remedy='Use 1 to 64 letters, digits, _ and -.',
    evidence=inferred("the form of a function's name, as OpenAI's API takes it", TELNYX),
)
def _has_function_name(document: Document) -> Problems:
    for operation in document.operations:
        name = operation['operationId']
        if name.text and not re.fullmatch(r'[A-Za-z0-9_-]{1,64}', name.text):
            yield name, f'its operationId {quote(name.value)} cannot name a function'


@rule(
    'operation-id-unique',
    'error',
    breaks='an `operationId` twice',
    remedy='Give each operation an operationId of its own.',
    evidence=documented('OpenAPI: it must be unique', OPENAPI),
    profiles=PROFILES,
)
def _has_unique_operation_id(document: Document) -> Problems:
    first: dict[str, Node] = {}
    for operation in document.operations:
        name = operation['operationId']
        other = first.setdefault(name.text, operation)
        if name.text and other is not operation:
            yield name, f'its operationId {quote(name.value)} is that of {other.place} already'


@rule(
    'operation-text',
    'warning',
    breaks='neither summary nor description',
    remedy='Say in its summary and description when it is of use.',
    evidence=documented('the model sees nothing else of the operation', START),
    profiles=PROFILES,
)
def _is_described(document: Document) -> Problems:
    for operation in document.operations:
        if not (operation['summary'].text or operation['description'].text).strip():
            yield operation, 'it has neither a summary nor a description'


@rule(
    'operation-text-length',
    'error',
    breaks='a summary or a description of more than 300 characters',
    remedy=f'Keep it to {MAX_TEXT_CHARACTERS} characters.',
    evidence=published('description has length 731 exceeding limit of 300', PRODUCTION),
)
def _has_short_texts(document: Document) -> Problems:
    for operation in document.operations:
        for text in (operation['summary'], operation['description']):
            if len(text.text) > MAX_TEXT_CHARACTERS:
                yield text, f'the {text.name} has {len(text.text):,} characters'


@rule(
    'consequential',
    'warning',
    breaks=f'no `{CONSEQUENTIAL}` on what is no GET: it then counts as true',
    remedy='Set it: true asks the person each time, false allows always.',
    evidence=documented('absent, a GET counts as false and all others as true', START),
)
def _says_whether_consequential(document: Document) -> Problems:
    without = [
        operation
        for operation in document.operations
        if CONSEQUENTIAL not in operation
        and operation.name != 'get'
        # A slip in its name is a finding of its own.
        and not any(_is_misspelt(key, CONSEQUENTIAL) for key in operation.value)
    ]
    if without:
        first, *others = without
        named = ', '.join(operation.place for operation in others[:5])
        more = f' and {len(others) - 5} more' if others[5:] else ''
        as_others = f', and so it is for {named}{more}' if others else ''
        yield first, f'it has no {CONSEQUENTIAL}, so true is assumed{as_others}'


@rule(
    'consequential-type',
    'error',
    breaks=f'`{CONSEQUENTIAL}` that is not a boolean',
    remedy='Write true or false, without quotes.',
    evidence=documented('it is true or false', START),
)
def _is_consequential_or_not(document: Document) -> Problems:
    for operation in document.operations:
        declared = operation[CONSEQUENTIAL]
        if CONSEQUENTIAL in operation and not isinstance(declared.value, bool):
            yield declared, f'its {CONSEQUENTIAL} is {quote(declared.value)}'


@rule(
    'consequential-spelling',
    'error',
    breaks=f'a key that is almost `{CONSEQUENTIAL}`: it counts for nothing',
    remedy=f'Write it {CONSEQUENTIAL}.',
    evidence=documented('the name of the key, capitals included', START),
)
def _spells_consequential(document: Document) -> Problems:
    for operation in document.operations:
        for key in operation.value:
            if _is_misspelt(key, CONSEQUENTIAL):
                yield operation[key], f'its {quote(key)} counts for nothing'


@rule(
    'responses',
    'error',
    breaks='no response',
    remedy='Describe what it answers, at least with a status and a description.',
    evidence=documented('OpenAPI 3.0: required, with at least one response', OPENAPI),
)
def _has_responses(document: Document) -> Problems:
    for operation in document.operations:
        responses = operation['responses']
        if not isinstance(responses.value, dict) or not responses.value:
            yield (responses if 'responses' in operation else operation), 'it has no responses'


def _is_misspelt(key: str, name: str) -> bool:
    plain = re.sub(r'[^a-z]', '', key.lower())
    if key == name or len(key) > 2 * len(name) or not re.search('openai|consequential', plain):
        return False
    return difflib.SequenceMatcher(None, plain, name.lower().replace('-', '')).ratio() > 0.9
