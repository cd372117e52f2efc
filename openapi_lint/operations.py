"""Rules about operations: their names and texts, what they take and what they answer."""

import re
from collections import Counter
from collections.abc import Iterator

from openapi_lint.document import METHODS, Document, Node
from openapi_lint.rule import Problems, quote, rule

MAX_OPERATIONS = 30
MAX_TEXT_CHARACTERS = 300
MAX_PARAMETER_CHARACTERS = 700
CONSEQUENTIAL = 'x-openai-isConsequential'


@rule('operation-count', 'error', 'Keep 1 to 30; others may have a hostname of their own.')
def _has_few_operations(document: Document) -> Problems:
    count = len(document.operations)
    if not 0 < count <= MAX_OPERATIONS:
        yield document.root['paths'], f'it has {count} operations'


@rule('path-parameters', 'error', 'Declare them in each operation.')
def _has_no_path_parameters(document: Document) -> Problems:
    for item in document.root['paths']:
        if 'parameters' in item:
            yield item, 'its parameters stand beside the operations, where they are ignored'


@rule('path-key', 'error', f'Use only {", ".join(METHODS)}, in small letters.')
def _knows_path_keys(document: Document) -> Problems:
    for item in document.root['paths']:
        for key in item.value if isinstance(item.value, dict) else ():
            known = (*METHODS, 'parameters', 'summary', 'description', 'servers')
            if key not in known and not key.startswith('x-'):
                yield item, f'its key {quote(key)} is not a method, so it is skipped'


@rule('path-text', 'warning', 'Move it into the operations or to the top.')
def _has_no_path_text(document: Document) -> Problems:
    for item in document.root['paths']:
        for key in ('summary', 'description', 'servers'):
            if key in item:
                yield item, f'its {key} stands beside the operations, where it is ignored'


@rule('operation-id', 'error', 'Give it an operationId: the model calls the operation by it.')
def _has_operation_id(document: Document) -> Problems:
    for operation in document.operations:
        if not operation['operationId'].text:
            yield operation, 'it has no operationId, so it is skipped'


@rule('operation-id-form', 'error', 'Use 1 to 64 letters, digits, _ and -.')
def _has_function_name(document: Document) -> Problems:
    for operation in document.operations:
        name = operation['operationId']
        if name.text and not re.fullmatch(r'[A-Za-z0-9_-]{1,64}', name.text):
            yield operation, f'its operationId {quote(name.value)} cannot name a function'


@rule('operation-id-unique', 'error', 'Give each operation an operationId of its own.')
def _has_unique_operation_id(document: Document) -> Problems:
    first: dict[str, Node] = {}
    for operation in document.operations:
        name = operation['operationId']
        other = first.setdefault(name.text, operation)
        if name.text and other is not operation:
            yield operation, f'its operationId {quote(name.value)} is that of {other.place} already'


@rule('operation-text', 'warning', 'Say in its summary and description when it is of use.')
def _is_described(document: Document) -> Problems:
    for operation in document.operations:
        if not (operation['summary'].text or operation['description'].text).strip():
            yield operation, 'it has neither a summary nor a description'


@rule('operation-text-length', 'error', f'Keep it to {MAX_TEXT_CHARACTERS} characters.')
def _has_short_texts(document: Document) -> Problems:
    for operation in document.operations:
        for text in (operation['summary'], operation['description']):
            if len(text.text) > MAX_TEXT_CHARACTERS:
                yield operation, f'its {text.name} has {len(text.text):,} characters'


@rule('consequential', 'warning', 'Set it: true asks the person each time, false allows always.')
def _says_whether_consequential(document: Document) -> Problems:
    for operation in document.operations:
        if CONSEQUENTIAL not in operation:
            assumed = 'false' if operation.name == 'get' else 'true'
            yield operation, f'it has no {CONSEQUENTIAL}, so {assumed} is assumed'


@rule('consequential-type', 'error', 'Write true or false, without quotes.')
def _is_consequential_or_not(document: Document) -> Problems:
    for operation in document.operations:
        declared = operation[CONSEQUENTIAL]
        if CONSEQUENTIAL in operation and not isinstance(declared.value, bool):
            yield operation, f'its {CONSEQUENTIAL} is {quote(declared.value)}'


@rule('parameter-reference', 'error', 'Write it out in place.')
def _has_parameters_in_place(document: Document) -> Problems:
    for node in document.references:
        if node.pointer[:1] == ('paths',) and node.pointer[3:4] == ('parameters',):
            yield node, 'it is a $ref inside parameters, which disables the operation'


@rule('parameter-name', 'error', 'Give it a name.')
def _has_named_parameters(document: Document) -> Problems:
    for parameter in _all_parameters(document):
        if not parameter['name'].text:
            yield parameter, 'it has no name, which disables the operation'


@rule('parameter-location', 'error', 'Use the path, the query or the body; a proxy adds headers.')
def _has_parameters_in_path_or_query(document: Document) -> Problems:
    for parameter in _all_parameters(document):
        if parameter['in'].text not in ('path', 'query'):
            sent_in = quote(parameter['in'].value)
            yield parameter, f'it is sent in {sent_in}, which ChatGPT does not do'


@rule('parameter-path', 'error', 'Declare each {name} of the path, as required, and no other.')
def _declares_what_its_path_names(document: Document) -> Problems:
    for operation in document.operations:
        in_path = set(re.findall(r'\{([^{}]*)\}', operation.pointer[1]))
        declared = {
            parameter['name'].text: parameter
            for parameter in document.parameters(operation)
            if parameter['in'].text == 'path'
        }
        for name in sorted(in_path - declared.keys()):
            yield operation, f'{quote(name)} of its path is not declared'
        for name in declared.keys() - in_path:
            yield declared[name], f'{quote(name)} is not in the path'
        for name in declared.keys() & in_path:
            if declared[name]['required'].value is not True:
                yield declared[name], f'{quote(name)} is in the path but not required'


@rule('parameter-duplicate', 'error', 'Rename one: the model knows parameters by name alone.')
def _has_unique_names(document: Document) -> Problems:
    for operation in document.operations:
        names = [parameter['name'].text for parameter in document.parameters(operation)]
        names += {prop.name for prop in document.body_properties(operation)}
        for name, count in Counter(filter(None, names)).items():
            if count > 1:
                yield operation, f'{quote(name)} stands in two of its path, query and body'


@rule('parameter-text-length', 'error', f'Keep it to {MAX_PARAMETER_CHARACTERS} characters.')
def _has_short_parameter_texts(document: Document) -> Problems:
    for operation in document.operations:
        parameters = document.parameters(operation)
        schemas = [parameter['schema'] for parameter in parameters]
        for node in (*parameters, *schemas, *document.body_properties(operation)):
            length = len(node['description'].text)
            if length > MAX_PARAMETER_CHARACTERS:
                yield node, f'its description has {length:,} characters'


@rule('query-array', 'warning', 'Take a text of values joined by commas, or a POST with a body.')
def _has_no_query_arrays(document: Document) -> Problems:
    for parameter in _all_parameters(document):
        is_array = 'array' in document.resolve(parameter['schema']).types
        if is_array and parameter['in'].text == 'query':
            yield parameter, 'it is an array in the query, which ChatGPT writes wrongly'


@rule('body-of-get', 'error', 'Put it into the query, or make it a POST.')
def _has_no_body_with_get(document: Document) -> Problems:
    for operation in document.operations:
        if operation.name in ('get', 'head') and 'requestBody' in operation:
            yield operation, f'a {operation.name.upper()} has no body'


@rule('body-object', 'error', 'Make it an object whose properties are the parameters.')
def _takes_an_object(document: Document) -> Problems:
    for operation in document.operations:
        media_types = document.request_body(operation)
        if 'requestBody' in operation and not media_types:
            yield operation['requestBody'], 'it has no content, which disables the operation'
        for media_type in media_types:
            schema = document.resolve(media_type['schema'])
            if isinstance(schema.value, dict) and schema.types != ['object']:
                yield media_type['schema'], 'it is not an object, which disables the operation'


@rule('media-type', 'error', 'Send text; hand other things over as files.')
def _is_text(document: Document) -> Problems:
    for media_type in _media_types(document):
        if media_type.name.lower().startswith(('image/', 'video/', 'audio/')):
            yield media_type, f'ChatGPT takes text, not {quote(media_type.name)}'


@rule('media-type-schema', 'error', 'Give it a schema, or leave the content out.')
def _has_schemas(document: Document) -> Problems:
    for media_type in _media_types(document):
        if not isinstance(media_type['schema'].value, dict):
            yield media_type, 'it has no schema, at which the editor fails'


def _all_parameters(document: Document) -> Iterator[Node]:
    for operation in document.operations:
        yield from document.parameters(operation)


def _media_types(document: Document) -> Iterator[Node]:
    for operation in document.operations:
        yield from (*document.request_body(operation), *document.responses(operation))
