"""Rules about schemas: what they say of a value, and what they leave open."""

from itertools import islice

from openapi_lint.findings.evidence import GLOBALPING, JSON_SCHEMA, documented, inferred, published
from openapi_lint.findings.rule import PROFILES, Problems, quote, rule
from openapi_lint.text.document import COMPOSITIONS, Document, Node

TYPES = ('array', 'boolean', 'integer', 'null', 'number', 'object', 'string')
_LIST_PROPERTIES = 'List its properties, or return a list of names and values.'
# Nobody writes so many parts, and each is looked at beside each.
_MAX_BESIDE = 20
_BRANCHES = ('not', 'if', 'then', 'else')


@rule(
    'object-properties',
    'error',
    breaks='no `properties`, as in a map of any keys',
    remedy=_LIST_PROPERTIES,
    evidence=published('object schema missing properties', GLOBALPING),
    milder='what only a response reaches: people report that it works',
)
def _has_properties(document: Document) -> Problems:
    for schema in document.schemas:
        if 'object' in schema.types and not isinstance(schema['properties'].value, dict):
            problem = 'it is an object without properties'
            if schema.pointer in document.reached_by_requests:
                yield schema, problem
            else:
                yield schema, problem, 'warning'


@rule(
    'object-empty',
    'warning',
    breaks='`properties: {}`',
    remedy=_LIST_PROPERTIES,
    evidence=published('taken by some parts of the editor, refused by others'),
)
def _has_some_properties(document: Document) -> Problems:
    for schema in document.schemas:
        if schema['properties'].value == {}:
            yield schema, 'it is an object whose properties are empty, which some report refused'


@rule(
    'array-items',
    'error',
    breaks='no `items`',
    remedy='Give the schema of its items.',
    evidence=published('array schema missing items'),
    profiles=PROFILES,
)
def _has_items(document: Document) -> Problems:
    for schema in document.schemas:
        if 'array' in schema.types and not isinstance(schema['items'].value, dict):
            yield schema, 'it is an array without items'


@rule(
    'enum-empty',
    'error',
    breaks='an empty `enum`, or one that is no list',
    remedy='List the values there are, or leave the enum out.',
    evidence=published('List should have at least 1 item'),
    profiles=PROFILES,
)
def _has_enum_values(document: Document) -> Problems:
    for schema in document.schemas:
        values = schema['enum'].value
        if 'enum' in schema and not (values and isinstance(values, list)):
            yield schema, 'its enum has no value'


@rule(
    'schema-type',
    'error',
    breaks='no type, as in `{}`',
    remedy='Give it a type.',
    evidence=published('values without a type fail'),
    milder='what has a description alone',
)
def _has_a_type(document: Document) -> Problems:
    telling = ('$ref', 'enum', 'const', 'type', *COMPOSITIONS)
    for schema in document.schemas:
        is_told = schema.types or any(keyword in schema for keyword in telling)
        if is_told or _is_body(schema) or _inherits_type(document, schema):
            continue
        if isinstance(schema.value, dict) and schema['description'].text:
            yield schema, 'it has a description, but does not say what it is', 'warning'
        else:
            yield schema, 'it does not say what it is'


@rule(
    'schema-type-name',
    'error',
    breaks='a type that JSON Schema does not have, as `date` or a slip like `strng`',
    remedy=f'Write {", ".join(TYPES)}; a date is a string with `format: date`.',
    evidence=documented('JSON Schema, 6.1.1: seven types', JSON_SCHEMA),
    profiles=PROFILES,
)
def _has_a_known_type(document: Document) -> Problems:
    for schema in document.schemas:
        named = schema['type']
        kinds = named.value if isinstance(named.value, list) else [named.value]
        wrong = [kind for kind in kinds if kind not in TYPES]
        if 'type' not in schema or not (wrong or not kinds):
            continue
        if None in wrong:
            yield named, 'its type is the value null, not the type `null`, which needs quotes'
        else:
            yield named, f'{quote(wrong[0] if wrong else named.value)} is no type'


@rule(
    'schema-required',
    'error',
    breaks='`required` that is no list of names, or names what is no property',
    remedy='List under `required`, beside `properties`, the names of those that must be given.',
    evidence=documented('JSON Schema, 6.5.3: a list of unique texts', JSON_SCHEMA),
    profiles=PROFILES,
    milder='a name that is no property, where only a response reaches it',
)
def _requires_properties(document: Document) -> Problems:
    for schema in document.schemas:
        required, properties = schema['required'], schema['properties']
        if 'required' not in schema:
            continue
        is_list = isinstance(required.value, list)
        if not is_list or not all(isinstance(name, str) for name in required.value):
            yield required, f'{quote(required.value)} is no list of names'
        elif isinstance(properties.value, dict) and not _takes_more(schema):
            for name in required:
                if name.value in properties:
                    continue
                problem = f'it requires {quote(name.value)}, which is none of its properties'
                if schema.pointer in document.reached_by_requests:
                    yield name, problem
                else:
                    yield name, problem, 'warning'


@rule(
    'schema-null',
    'warning',
    breaks='`nullable`, or the type `null`',
    remedy='Leave null out and do not require the value.',
    evidence=inferred('nobody reports that it works; 3.1 has no `nullable`'),
    fixable=True,
)
def _has_no_null(document: Document) -> Problems:
    for schema in document.schemas:
        if 'null' in schema.types or schema['nullable'].value is True:
            yield schema, 'whether ChatGPT understands null here is not known'


def _is_body(schema: Node) -> bool:
    # A body that is no object is a finding of its own.
    return schema.pointer[3:5] == ('requestBody', 'content') and len(schema.pointer) == 7


def _inherits_type(document: Document, schema: Node) -> bool:
    """Return whether it narrows what another schema has the type of: that around or beside it."""
    pointer = schema.pointer
    while len(pointer) > 2:
        is_branch = pointer[-2] in COMPOSITIONS
        if not is_branch and pointer[-1] not in _BRANCHES:
            return False
        around = document.at(pointer[:-1]) if pointer[-2] == 'allOf' else ()
        beside = islice(around, _MAX_BESIDE)
        pointer = pointer[:-2] if is_branch else pointer[:-1]
        if any(other.types or other.reference for other in (document.at(pointer), *beside)):
            return True
    return False


def _takes_more(schema: Node) -> bool:
    """Return whether a schema has properties that it does not list itself."""
    others = ('$ref', 'patternProperties', *COMPOSITIONS)
    is_part = schema.pointer[-2:-1] and schema.pointer[-2] in COMPOSITIONS
    is_open = schema['additionalProperties'].value not in (None, False)
    return bool(is_part or is_open or any(key in schema for key in others))
