"""Rules about schemas, what refers to them, and those by which ChatGPT knows files."""

import re
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from openapi_lint.document import COMPOSITIONS, Document, Node
from openapi_lint.rule import Problems, quote, rule

FILES_IN, FILES_OUT = 'openaiFileIdRefs', 'openaiFileResponse'
_TO_SCHEMA = '#/components/schemas/'


@rule('object-properties', 'error', 'List its properties, or return a list of names and values.')
def _has_properties(document: Document) -> Problems:
    for schema in document.schemas:
        if 'object' in schema.types and not isinstance(schema['properties'].value, dict):
            yield schema, 'it is an object without properties'


@rule('object-empty', 'warning', 'List its properties, or return a list of names and values.')
def _has_some_properties(document: Document) -> Problems:
    for schema in document.schemas:
        if schema['properties'].value == {}:
            yield schema, 'it is an object whose properties are empty, which some report refused'


@rule('array-items', 'error', 'Give the schema of its items.')
def _has_items(document: Document) -> Problems:
    for schema in document.schemas:
        if 'array' in schema.types and not isinstance(schema['items'].value, dict):
            yield schema, 'it is an array without items'


@rule('enum-empty', 'error', 'List the values there are, or leave the enum out.')
def _has_enum_values(document: Document) -> Problems:
    for schema in document.schemas:
        if 'enum' in schema and not list(schema['enum']):
            yield schema, 'its enum has no value'


@rule('schema-type', 'error', 'Give it a type.')
def _has_a_type(document: Document) -> Problems:
    telling = ('$ref', 'enum', 'const', *COMPOSITIONS)
    for schema in document.schemas:
        if not schema.types and not any(keyword in schema for keyword in telling):
            yield schema, 'it does not say what it is'


@rule('schema-null', 'warning', 'Leave null out and do not require the value.')
def _has_no_null(document: Document) -> Problems:
    for schema in document.schemas:
        if 'null' in schema.types or schema['nullable'].value is True:
            yield schema, 'whether ChatGPT understands null here is not known'


@rule('reference-broken', 'error', 'Point it at what the document itself holds.')
def _has_what_it_refers_to(document: Document) -> Problems:
    for node in document.references:
        if document.resolve(node).value is None:
            yield node, f'its $ref {quote(node["$ref"].value)} leads nowhere in the document'


@rule('reference-circular', 'error', 'Write it out to a fixed depth.')
def _is_finite(document: Document) -> Problems:
    references: dict[str, set[str]] = {}
    for node in document.references:
        if node.pointer[:2] == ('components', 'schemas'):
            *_, target = node['$ref'].text.partition(_TO_SCHEMA)
            references.setdefault(node.pointer[2], set()).add(target)
    for name in sorted(_cyclic(references)):
        yield document.root['components']['schemas'][name], 'it contains itself'


@rule('reference-composed', 'error', 'Write out what it refers to, in its place.')
def _has_no_composed_references(document: Document) -> Problems:
    for node in document.references:
        if len(node.pointer) > 2 and node.pointer[-2] in COMPOSITIONS:
            yield node, f'it is a $ref under {node.pointer[-2]}, which is read as an empty schema'


@rule('reference-target', 'warning', 'Write out what it refers to, in its place.')
def _refers_to_schemas(document: Document) -> Problems:
    for node in document.references:
        if not re.fullmatch(_TO_SCHEMA + '[^/]+', node['$ref'].text):
            yield node, f'only a $ref to {_TO_SCHEMA}... is known to work'


@rule('file-request', 'error', 'Make it a property of the body of a POST: an array of strings.')
def _takes_files(document: Document) -> Problems:
    for operation in document.operations:
        for parameter in document.parameters(operation):
            if parameter['name'].text == FILES_IN:
                yield operation, f'{FILES_IN} is not in the body'
        for node in document.body_properties(operation):
            if node.name == FILES_IN and operation.name != 'post':
                yield operation, f'{FILES_IN} is sent with {operation.name.upper()}'
            if node.name == FILES_IN and _item_types(document, node) != ['string']:
                yield node, f'{FILES_IN} is not an array of strings'


@rule('file-response', 'error', 'Make it an array of URLs, or of name, mime_type and content.')
def _returns_files(document: Document) -> Problems:
    for operation in document.operations:
        for media_type in document.responses(operation):
            files = document.resolve(media_type['schema'])['properties'][FILES_OUT]
            items = document.resolve(document.resolve(files)['items'])
            is_inline = all(k in items['properties'] for k in ('name', 'mime_type', 'content'))
            is_listed = _item_types(document, files) == ['string'] or is_inline
            if files.value is not None and not is_listed:
                yield files, f'{FILES_OUT} is not an array of files'


def _item_types(document: Document, array: Node) -> list[str]:
    found = document.resolve(array)
    return document.resolve(found['items']).types if found.types == ['array'] else []


def _cyclic(edges: dict[str, set[str]]) -> set[str]:
    """Return the nodes on a cycle, or between two."""
    backwards: dict[str, set[str]] = {}
    for node, targets in edges.items():
        for target in targets:
            backwards.setdefault(target, set()).add(node)
    return _unsortable(edges) & _unsortable(backwards)


def _unsortable(edges: dict[str, set[str]]) -> set[str]:
    sorter = TopologicalSorter(edges)
    with suppress(CycleError):
        sorter.prepare()
    left = set(edges)
    while ready := sorter.get_ready():
        left.difference_update(ready)
        sorter.done(*ready)
    return left
