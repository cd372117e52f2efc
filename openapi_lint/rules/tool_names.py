"""Rules of the profile `tools` about names, texts and numbers of tools.

An operation becomes a tool: its operationId the name, its texts the description, its parameters
and the properties of its body one object that is the input.
"""

import re

from openapi_lint.findings.evidence import (
    CCS,
    CLAUDE_TOOLS,
    GEMINI_FUNCTION,
    OPENAI_TOOLS,
    TELNYX,
    documented,
    published,
)
from openapi_lint.findings.rule import TOOLS, Problems, quote, rule
from openapi_lint.text.document import Document

MAX_TOOLS = 128
MAX_TOOL_TEXT = 1024


@rule(
    'tool-name',
    'error',
    breaks='an `operationId` that is not a letter or `_` and up to 63 letters, digits, `_` and `-`',
    remedy='Start it with a letter or _, and go on with letters, digits, _ and -, 64 in all.',
    evidence=published(
        'Gemini: Invalid function name. Must start with a letter or an underscore. OpenAI and '
        'Claude document the other characters',
        OPENAI_TOOLS,
        CLAUDE_TOOLS,
        GEMINI_FUNCTION,
        CCS,
        TELNYX,
    ),
    profiles=(TOOLS,),
)
def _has_a_tool_name(document: Document) -> Problems:
    for operation in document.operations:
        name = operation['operationId']
        if name.text and not re.fullmatch(r'[A-Za-z_][A-Za-z0-9_-]{0,63}', name.text):
            yield name, f'its operationId {quote(name.value)} cannot name a tool'


@rule(
    'tool-count',
    'error',
    breaks='more than 128 operations',
    remedy='Take out operations; a model chooses best among fewer than 20.',
    evidence=documented('OpenAI takes 128 functions, and asks for fewer than 20', OPENAI_TOOLS),
    profiles=(TOOLS,),
)
def _has_few_tools(document: Document) -> Problems:
    count = len(document.operations)
    if not 0 < count <= MAX_TOOLS:
        yield document.root['paths'], f'it has {count} operations'


@rule(
    'tool-text-length',
    'error',
    breaks='a description of an operation of more than 1,024 characters',
    remedy=f'Keep it to {MAX_TOOL_TEXT:,} characters.',
    evidence=published(
        'OpenAI: string too long. Expected a string with maximum length 1024', OPENAI_TOOLS
    ),
    profiles=(TOOLS,),
)
def _has_short_tool_texts(document: Document) -> Problems:
    for operation in document.operations:
        for text in (operation['summary'], operation['description']):
            if len(text.text) > MAX_TOOL_TEXT:
                yield text, f'the {text.name} has {len(text.text):,} characters'


@rule(
    'tool-property-name',
    'error',
    breaks='a parameter or property whose name is not 1 to 64 letters, digits, `_`, `.` and `-`',
    remedy='Use 1 to 64 letters, digits, _, . and -.',
    evidence=published(
        'Claude: property keys should match pattern ^[a-zA-Z0-9_.-]{1,64}$', CLAUDE_TOOLS
    ),
    profiles=(TOOLS,),
)
def _has_plain_property_names(document: Document) -> Problems:
    for operation in document.operations[:MAX_TOOLS]:
        parameters = [parameter['name'] for parameter in document.parameters(operation)]
        named = [(name, name.text) for name in parameters if name.text]
        for schema in document.taken_by(operation):
            named += [(node, node.name) for node in schema['properties']]
        for node, name in named:
            if not re.fullmatch(r'[a-zA-Z0-9_.-]{1,64}', name):
                yield node, f'{quote(name)} cannot name a property of a tool'
