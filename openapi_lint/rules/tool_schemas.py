"""Rules of the profile `tools` about the schemas of what a tool takes.

An error is what one of OpenAI, Claude and Gemini refuses; a warning is what is only refused in
strict mode, where the model's answer is held to the schema. What an operation answers is free.
"""

from collections.abc import Iterator

from openapi_lint.findings.evidence import (
    CLAUDE_CODE,
    CLAUDE_STRICT,
    CLAUDE_TOOLS,
    CLINE,
    GEMINI_SCHEMA,
    OPENAI_STRICT,
    PIPECAT,
    documented,
    published,
)
from openapi_lint.findings.rule import TOOLS, Problems, quote, rule
from openapi_lint.rules.tool_names import MAX_TOOLS
from openapi_lint.text.document import COMPOSITIONS, Document, Node

MAX_DEPTH, MAX_PROPERTIES, MAX_ENUM_VALUES = 10, 5000, 1000
_GEMINI_FORMATS = ('date-time', 'enum')
_REFUSED = {
    'allOf': 'OpenAI',
    'oneOf': 'OpenAI and Gemini',
    'not': 'OpenAI and Gemini',
    'if': 'OpenAI and Gemini',
    'dependentRequired': 'OpenAI and Gemini',
    'dependentSchemas': 'OpenAI and Gemini',
    'patternProperties': 'OpenAI and Gemini',
    'propertyNames': 'OpenAI and Gemini',
    'const': 'Gemini',
    'prefixItems': 'Gemini',
}
_CONSTRAINTS = ('minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength', 'maxItems')


@rule(
    'tool-root',
    'error',
    breaks='a body with `anyOf`, `oneOf` or `allOf` at its top',
    remedy='Make the body one object, with the choice in a property of it.',
    evidence=published(
        'Claude: input_schema does not support oneOf, allOf, or anyOf at the top level. OpenAI: '
        'the root must be an object and not use anyOf',
        CLAUDE_CODE,
        OPENAI_STRICT,
    ),
    profiles=(TOOLS,),
)
def _is_one_object(document: Document) -> Problems:
    for operation in document.operations[:MAX_TOOLS]:
        for media_type in document.request_body(operation):
            schema = document.resolve(media_type['schema'])
            for key in COMPOSITIONS:
                if schema.types == ['object'] and key in schema:
                    yield schema[key], f'the body has {key} at its top'


@rule(
    'tool-object',
    'error',
    breaks='an object in a request without properties, or with none in them',
    remedy='List its properties, or take a list of names and values.',
    evidence=published(
        'Gemini: should be non-empty for OBJECT type. OpenAI: object schema missing properties',
        PIPECAT,
        OPENAI_STRICT,
    ),
    profiles=(TOOLS,),
)
def _has_properties(document: Document) -> Problems:
    for schema in _taken(document):
        if 'object' in schema.types and not list(schema['properties']):
            yield schema, 'it is an object without properties'


@rule(
    'tool-enum',
    'error',
    breaks='an `enum` in a request that has anything but texts',
    remedy='List texts, or name the numbers in the description.',
    evidence=published('Gemini: only allowed for STRING type', GEMINI_SCHEMA),
    profiles=(TOOLS,),
)
def _has_texts_to_choose_from(document: Document) -> Problems:
    for schema in _taken(document):
        others = [value for value in schema['enum'] if not isinstance(value.value, str | None)]
        if others:
            yield others[0], f'the value {quote(others[0].value)} of its enum is no text'


@rule(
    'tool-format',
    'error',
    breaks='a `format` of a text in a request other than `date-time`',
    remedy='Say in the description how it is written, as "a date, like 2026-01-31".',
    evidence=published(
        "Gemini: only 'enum' and 'date-time' are supported for STRING type", GEMINI_SCHEMA
    ),
    profiles=(TOOLS,),
)
def _has_known_formats(document: Document) -> Problems:
    for schema in _taken(document):
        named = schema['format']
        if 'string' in schema.types and named.text and named.text not in _GEMINI_FORMATS:
            yield named, f'Gemini refuses the format {quote(named.value)} of a text'


@rule(
    'tool-types',
    'warning',
    breaks='several types of one value in a request, other than with `null`',
    remedy='Take one type, or write the choice as `anyOf`.',
    evidence=documented('Gemini: `type` is one type', GEMINI_SCHEMA),
    profiles=(TOOLS,),
)
def _has_one_type(document: Document) -> Problems:
    for schema in _taken(document):
        kinds = [kind for kind in schema.types if kind != 'null']
        if len(kinds) > 1:
            yield schema['type'], f'it is {quote(" or ".join(kinds))} at once'


@rule(
    'tool-keyword',
    'warning',
    breaks=f'in a request {", ".join(f"`{key}`" for key in _REFUSED)}',
    remedy='Write it without, if only in more words in its description.',
    evidence=documented(
        'OpenAI lists what strict mode does not take; Gemini lists what it takes',
        OPENAI_STRICT,
        GEMINI_SCHEMA,
    ),
    profiles=(TOOLS,),
)
def _has_known_keywords(document: Document) -> Problems:
    for schema in _taken(document):
        for key, who in _REFUSED.items():
            if key in schema:
                yield schema[key], f'{key} is not taken by {who}'


@rule(
    'tool-open-object',
    'warning',
    breaks='an object in a request without `additionalProperties: false`, once for an operation',
    remedy='Write `additionalProperties: false` into each object for strict mode.',
    evidence=documented(
        'required in each object by the strict modes of OpenAI and Claude',
        OPENAI_STRICT,
        CLAUDE_STRICT,
    ),
    profiles=(TOOLS,),
)
def _has_closed_objects(document: Document) -> Problems:
    for operation in document.operations[:MAX_TOOLS]:
        objects = [
            schema
            for schema in _in_body(document, operation)
            if 'object' in schema.types and schema['additionalProperties'].value is not False
        ]
        if objects:
            yield objects[0], f'strict mode refuses {len(objects)} object(s) that are open'


@rule(
    'tool-optional',
    'warning',
    breaks='properties of a request that are not required, once for an object',
    remedy='Require all, and let what is optional be null as well, for strict mode.',
    evidence=documented('OpenAI, strict mode: all fields must be required', OPENAI_STRICT),
    profiles=(TOOLS,),
)
def _requires_everything(document: Document) -> Problems:
    for operation in document.operations[:MAX_TOOLS]:
        for schema in _in_body(document, operation):
            required = schema['required'].value
            names = set(map(str, required)) if isinstance(required, list) else set()
            optional = [node.name for node in schema['properties'] if node.name not in names]
            if optional:
                yield schema, f'strict mode refuses what is optional: {", ".join(optional[:5])}'


@rule(
    'tool-constraint',
    'warning',
    breaks=f'in a request {", ".join(f"`{key}`" for key in _CONSTRAINTS)}, once for an operation',
    remedy='Say it in the description too, and check what comes.',
    evidence=documented('Claude, strict mode: not supported', CLAUDE_STRICT, CLAUDE_TOOLS),
    profiles=(TOOLS,),
)
def _has_no_constraints(document: Document) -> Problems:
    for operation in document.operations[:MAX_TOOLS]:
        found = [
            schema[key]
            for schema in document.taken_by(operation)
            for key in _CONSTRAINTS
            if key in schema
        ]
        if found:
            names = ', '.join(sorted({node.name for node in found}))
            yield found[0], f"Claude's strict mode refuses {names}"


@rule(
    'tool-size',
    'warning',
    breaks='a request nested deeper than 10 levels, with 5,000 properties or 1,000 enum values',
    remedy='Take fewer things at once.',
    evidence=documented('OpenAI, strict mode', OPENAI_STRICT, CLINE),
    profiles=(TOOLS,),
)
def _is_of_a_sane_size(document: Document) -> Problems:
    for operation in document.operations[:MAX_TOOLS]:
        schemas = document.taken_by(operation)
        counts = {
            'properties': (sum(len(list(s['properties'])) for s in schemas), MAX_PROPERTIES),
            'enum values': (sum(len(list(s['enum'])) for s in schemas), MAX_ENUM_VALUES),
            'levels': (_levels(document, operation), MAX_DEPTH),
        }
        for name, (count, most) in counts.items():
            if count > most:
                yield operation, f'what it takes has {count:,} {name}, of which {most:,} are taken'


def _levels(document: Document, operation: Node) -> int:
    """Return how many objects and lists stand in each other at most, references followed.

    One more than are taken is as far as it counts.
    """
    level, depth = document.request_schemas(operation), 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        # Each once: many references to the same are not to be followed many times.
        held = {schema.pointer: schema for schema in map(document.resolve, level)}
        level = [
            child
            for schema in held.values()
            for child in (*schema['properties'], schema['items'])
            if isinstance(child.value, dict)
        ]
    return depth


def _taken(document: Document) -> Iterator[Node]:
    """Yield each schema that a request reaches, once."""
    tops = [top for each in document.operations for top in document.request_schemas(each)]
    for schema in document.reached(tops):
        if isinstance(schema.value, dict):
            yield schema


def _in_body(document: Document, operation: Node) -> list[Node]:
    """Return the schemas of an operation's body: its parameters make an object of their own."""
    media_types = document.request_body(operation)
    return document.reached([media_type['schema'] for media_type in media_types])
