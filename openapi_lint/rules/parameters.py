"""Rules about parameters, of the path and the query and of a body's properties."""

import re
from collections import Counter
from collections.abc import Iterator

from openapi_lint.findings.evidence import (
    ARRAYS,
    DEEPL,
    OPENAPI,
    PRODUCTION,
    documented,
    inferred,
    published,
)
from openapi_lint.findings.rule import PROFILES, Problems, quote, rule
from openapi_lint.text.document import Document, Node

MAX_PARAMETER_CHARACTERS = 700
_IN_PATH = re.compile(r'\{([^{}]*)\}')


@rule(
    'parameters-list',
    'error',
    breaks='`parameters` that is no list',
    remedy='Write it as a list: each parameter starts with a dash.',
    evidence=documented('OpenAPI: a list of parameters', OPENAPI),
    profiles=PROFILES,
)
def _has_a_list_of_parameters(document: Document) -> Problems:
    for operation in document.operations:
        parameters = operation['parameters']
        if 'parameters' in operation and not isinstance(parameters.value, list):
            yield parameters, 'it is no list'


@rule(
    'parameter-reference',
    'error',
    breaks="a `$ref` in an operation's `parameters`",
    remedy='Write it out in place.',
    evidence=published('parameter {...} is has missing or non-string name; skipping', DEEPL),
    fixable=True,
)
def _has_parameters_in_place(document: Document) -> Problems:
    for node in document.references:
        if is_parameter(node):
            yield node, 'it is a $ref inside parameters, which disables the operation'


@rule(
    'parameter-name',
    'error',
    breaks='no name',
    remedy='Give it a name.',
    evidence=published('parameter {...} is has missing or non-string name; skipping', DEEPL),
    profiles=PROFILES,
)
def _has_names(document: Document) -> Problems:
    for parameter in _all_parameters(document):
        if not parameter['name'].text:
            yield parameter, 'it has no name, which disables the operation'


@rule(
    'parameter-location',
    'error',
    breaks='a header, a cookie or nothing known',
    remedy='Use the path, the query or the body; a proxy adds headers.',
    evidence=published('parameter X-Plan has location header; ignoring', PRODUCTION),
)
def _is_in_path_or_query(document: Document) -> Problems:
    for parameter in _all_parameters(document):
        location = parameter['in']
        if location.text in ('header', 'cookie'):
            yield location, f'it is in the {location.text}, where ChatGPT sends none'
        elif location.text not in ('path', 'query'):
            problem = f'it is in {quote(location.value)}, which is neither path nor query'
            yield (location if 'in' in parameter else parameter), problem


@rule(
    'parameter-content',
    'error',
    breaks='`content` instead of a `schema`',
    remedy='Give it a `schema` in place of the content.',
    evidence=inferred('nobody reports that the editor reads it'),
)
def _has_a_schema(document: Document) -> Problems:
    for parameter in _all_parameters(document):
        if 'content' in parameter:
            yield parameter['content'], 'it has content where ChatGPT looks for a schema'


@rule(
    'parameter-path',
    'error',
    breaks='a `{name}` that is not declared or not required, or one declared that the path lacks',
    remedy='Declare each {name} of the path, as required, and no other.',
    evidence=documented('OpenAPI: each {name} of a path is a required parameter', OPENAPI),
    profiles=PROFILES,
)
def _declares_path_parameters(document: Document) -> Problems:
    for operation in document.operations:
        in_path = set(_IN_PATH.findall(operation.pointer[1]))
        declared = {
            parameter['name'].text: parameter
            for parameter in document.parameters(operation)
            if parameter['in'].text == 'path'
        }
        # Those beside the operations, and a list that is none, are findings of their own.
        known = declared.keys() | _beside(document, operation)
        has_list = isinstance(operation['parameters'].value, list | None)
        for name in sorted(in_path - known) if has_list else ():
            yield operation, f'{quote(name)} of its path is not declared'
        for name in declared.keys() - in_path:
            yield declared[name], f'{quote(name)} is not in the path'
        for name in declared.keys() & in_path:
            if declared[name]['required'].value is not True:
                yield declared[name], f'{quote(name)} is in the path but not required'


@rule(
    'parameter-duplicate',
    'error',
    breaks='one name in two of path, query and body',
    remedy='Rename one: the model knows parameters by name alone.',
    evidence=published('parameter id is duplicated; skipping function'),
    profiles=PROFILES,
)
def _has_unique_names(document: Document) -> Problems:
    for operation in document.operations:
        names = Counter(parameter['name'].text for parameter in document.parameters(operation))
        bodies = [schema['properties'] for schema in document.body_schemas(operation)]
        for name, count in names.items():
            if name and (count > 1 or any(name in properties for properties in bodies)):
                yield operation, f'{quote(name)} stands in two of its path, query and body'


@rule(
    'parameter-text-length',
    'error',
    breaks='a description of more than 700 characters, of a property of the body too',
    remedy=f'Keep it to {MAX_PARAMETER_CHARACTERS} characters.',
    evidence=documented('700 characters for a parameter description', PRODUCTION),
)
def _has_short_parameter_texts(document: Document) -> Problems:
    parameters = list(_all_parameters(document))
    schemas = [parameter['schema'] for parameter in parameters]
    for node in (*parameters, *schemas, *document.body_properties):
        length = len(node['description'].text)
        if length > MAX_PARAMETER_CHARACTERS:
            yield node['description'], f'the description has {length:,} characters'


@rule(
    'query-array',
    'warning',
    breaks='an array in the query',
    remedy='Take a text of values joined by commas, or a POST with a body.',
    evidence=published('sent wrongly, with `explode` and without', *ARRAYS),
)
def _has_no_query_arrays(document: Document) -> Problems:
    for parameter in _all_parameters(document):
        is_array = 'array' in document.resolve(parameter['schema']).types
        if is_array and parameter['in'].text == 'query':
            yield parameter, 'it is an array in the query, which ChatGPT writes wrongly'


def is_parameter(node: Node) -> bool:
    """Return whether a node is a parameter of an operation itself, not something in it."""
    return node.pointer[:1] == ('paths',) and node.pointer[3:-1] == ('parameters',)


def _beside(document: Document, operation: Node) -> set[str]:
    item = document.at(operation.pointer[:2])
    declared = [document.resolve(parameter) for parameter in item['parameters']]
    return {parameter['name'].text for parameter in declared if parameter['in'].text == 'path'}


def _all_parameters(document: Document) -> Iterator[Node]:
    for operation in document.operations:
        for parameter in document.parameters(operation):
            # A $ref that leads nowhere is a finding of its own.
            if parameter.value is not None:
                yield parameter
