"""Rules about what kind of document it is, before anything in it counts."""

import re

from openapi_lint.findings.evidence import (
    OPENAPI,
    RFC_8259,
    WEBCODEX,
    YAML,
    documented,
    inferred,
    published,
)
from openapi_lint.findings.rule import PROFILES, Problems, quote, rule
from openapi_lint.text.document import Document, Node

MAX_SIZE_BYTES = 1_000_000
FOREIGN = 'other-format'
TAKEN = ('3.1.0', '3.1.1')
# What other documents are known by: a key at the top, what is under it, and what they are.
_FORMATS = (
    ('swagger', '', 'Swagger {}'),
    ('swaggerVersion', '', 'Swagger {}'),
    ('asyncapi', '', 'AsyncAPI {}'),
    ('arazzo', '', 'an Arazzo description'),
    ('overlay', '', 'an OpenAPI overlay'),
    ('openrpc', '', 'OpenRPC {}'),
    ('_postman_id', '', 'a Postman collection'),
    ('_postman_variable_scope', '', 'a Postman environment'),
    ('info/_postman_id', '', 'a Postman collection'),
    ('info/schema', 'getpostman', 'a Postman collection'),
    ('_type', 'export', 'an Insomnia export'),
    ('log/entries', '', 'a recording of HTTP calls (HAR)'),
    ('name_for_model', '', 'the manifest of a ChatGPT plugin'),
    ('kind', 'discovery#restDescription', "a Google API's discovery document"),
    ('AWSTemplateFormatVersion', '', 'a CloudFormation template'),
    ('mcpServers', '', 'the settings of an MCP client'),
    ('__schema', '', 'a GraphQL schema'),
    ('data/__schema', '', 'a GraphQL schema'),
    ('$schema', 'json-schema.org', 'a JSON Schema'),
)


@rule(
    'duplicate-key',
    'error',
    breaks='an object that has a key twice: what stands first vanishes, unseen',
    remedy='Rename or merge them: only the last one counts.',
    evidence=documented('YAML 1.2, 3.2.1.1 and RFC 8259, section 4', YAML, RFC_8259),
    profiles=PROFILES,
)
def _has_keys_once(document: Document) -> Problems:
    for pointer, places in document.source.repeated.items():
        lines = ', '.join(str(place.line) for place in places[:5])
        yield Node(pointer, None), f'its key {quote(pointer[-1])} stands on lines {lines}'


@rule(
    FOREIGN,
    'error',
    breaks='Swagger 2.0, AsyncAPI, a Postman collection and the like; nothing else is looked at',
    remedy='Convert it to OpenAPI 3.1 first.',
    evidence=published("('openapi',): field required"),
    profiles=PROFILES,
)
def _is_openapi(document: Document) -> Problems:
    if 'openapi' in document.root:
        return
    for path, holds, name in _FORMATS:
        found = document.at(tuple(path.split('/')))
        if found.value is not None and holds in found.text:
            version = quote(found.value)[1:-1] if isinstance(found.value, str | float) else ''
            yield found, f'it is {name.format(version).strip()}, not OpenAPI'
            return


@rule(
    'openapi-version',
    'error',
    breaks='no `openapi`, or any other version than 3.1.0 and 3.1.1',
    remedy='Start it with `openapi: 3.1.0`, and write it so.',
    evidence=published(
        "('openapi',): Input should be '3.1.1' or '3.1.0'. OpenAI's older pages still show 3.0.1"
    ),
    fixable=True,
)
def _is_openapi_3_1(document: Document) -> Problems:
    version = document.root['openapi']
    if 'openapi' not in document.root:
        yield document.root, 'it has no `openapi`, which says what it is'
    elif version.text not in TAKEN:
        yield version, f'{quote(version.value)} is none of {" and ".join(TAKEN)}, as a text'


@rule(
    'tools-version',
    'error',
    breaks='no `openapi: 3.x.y` as text',
    remedy='Start it with `openapi: 3.1.0`, or the version of 3 that it is written in.',
    evidence=documented('every converter reads it to tell how schemas are meant', OPENAPI),
    profiles=('tools',),
)
def _is_openapi_3(document: Document) -> Problems:
    version = document.root['openapi']
    if not re.fullmatch(r'3\.\d+\.\d+', version.text):
        yield version, f'{quote(version.value)} is not the text of a version 3.x.y'


@rule(
    'document-size',
    'error',
    breaks='more than 1,000,000 bytes, as JSON indented by 2: the editor measures it so',
    remedy='Take out operations, or long texts and examples.',
    evidence=published('OpenAPI spec must be 1MB or smaller', WEBCODEX),
)
def _fits_the_size(document: Document) -> Problems:
    size_bytes = document.source.size_bytes()
    if size_bytes > MAX_SIZE_BYTES:
        too_many = f'it has {size_bytes:,} bytes as JSON indented by 2, more than'
        yield document.root, f'{too_many} {MAX_SIZE_BYTES:,}'


@rule(
    'ignore-unknown',
    'warning',
    breaks='a comment that says to ignore what is no rule',
    remedy='Name a rule as findings do, in brackets at their end.',
    evidence=inferred('the name was meant to be one'),
    profiles=PROFILES,
)
def _names_rules_to_ignore(document: Document) -> Problems:  # noqa: ARG001
    # Comments are not in the document: openapi_lint.ignores finds them in its text.
    yield from ()
