"""Rules about the names by which ChatGPT knows files that it sends and gets."""

import difflib
import re

from openapi_lint.findings.evidence import FILES, documented
from openapi_lint.findings.rule import Problems, quote, rule
from openapi_lint.text.document import Document, Node
from openapi_lint.text.source import Pointer

FILES_IN, FILES_OUT = 'openaiFileIdRefs', 'openaiFileResponse'


@rule(
    'file-request',
    'error',
    breaks=f'`{FILES_IN}` outside the body of a POST, or not an array of strings',
    remedy='Make it a property of the body of a POST: an array of strings.',
    evidence=documented('files come in the body of a POST', FILES),
)
def _takes_files(document: Document) -> Problems:
    for operation in document.operations:
        for parameter in document.parameters(operation):
            if parameter['name'].text == FILES_IN:
                yield operation, f'{FILES_IN} is not in the body'
        for schema in document.body_schemas(operation):
            if FILES_IN not in schema['properties']:
                continue
            files = schema['properties'][FILES_IN]
            if operation.name != 'post':
                yield operation, f'{FILES_IN} is sent with {operation.name.upper()}'
            if _item_types(document, files) != ['string']:
                yield files, f'{FILES_IN} is not an array of strings'


@rule(
    'file-response',
    'error',
    breaks=f'`{FILES_OUT}` that is not an array of URLs, or of `name`, `mime_type` and `content`',
    remedy='Make it an array of URLs, or of name, mime_type and content.',
    evidence=documented('an array of URLs, or of files inline', FILES),
)
def _returns_files(document: Document) -> Problems:
    for operation in document.operations:
        for properties in _answered(document, operation):
            files = properties[FILES_OUT]
            items = document.resolve(document.resolve(files)['items'])
            is_inline = all(k in items['properties'] for k in ('name', 'mime_type', 'content'))
            is_listed = _item_types(document, files) == ['string'] or is_inline
            if files.value is not None and not is_listed:
                yield files, f'{FILES_OUT} is not an array of files'


@rule(
    'file-spelling',
    'error',
    breaks=f'a name that is almost `{FILES_IN}` or `{FILES_OUT}`: no file goes by it',
    remedy='Write it as OpenAI does, capitals included.',
    evidence=documented('the names of both properties', FILES),
)
def _spells_files(document: Document) -> Problems:
    taken = [(node, node.name) for node in document.body_properties]
    answered: dict[Pointer, Node] = {}
    for operation in document.operations:
        taken += [(node, node['name'].text) for node in document.parameters(operation)]
        answered |= {each.pointer: each for each in _answered(document, operation)}
    for node, name in taken:
        if _is_misspelt(name, FILES_IN):
            yield node, f'{quote(name)} is not {FILES_IN}, so no file comes in it'
    for properties in answered.values():
        for node in properties:
            if _is_misspelt(node.name, FILES_OUT):
                yield node, f'{quote(node.name)} is not {FILES_OUT}, so no file comes of it'


def _answered(document: Document, operation: Node) -> list[Node]:
    media_types = document.responses(operation)
    return [document.resolve(media_type['schema'])['properties'] for media_type in media_types]


def _is_misspelt(name: str, right: str) -> bool:
    if name == right or len(name) > 2 * len(right):
        return False
    plain = re.sub(r'[^a-z]', '', name.lower())
    if 'openai' not in plain and 'file' not in plain:
        return False
    # What names OpenAI's files in other words was not meant to be this name.
    return difflib.SequenceMatcher(None, plain, right.lower()).ratio() > 0.87


def _item_types(document: Document, array: Node) -> list[str]:
    found = document.resolve(array)
    return document.resolve(found['items']).types if found.types == ['array'] else []
