"""An OpenAPI document as the rules ask about it.

Nothing here raises on what a document holds, whatever its shape: what is missing or of the wrong
type reads as an empty node, so that each rule says only what it is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from openapi_lint.reading import Unreadable, plain

METHODS = ('get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace')
COMPOSITIONS = ('allOf', 'anyOf', 'oneOf')

_MAX_REFERENCES = 50
_LISTS_OF_SCHEMAS = (*COMPOSITIONS, 'prefixItems')
_MAPS_OF_SCHEMAS = ('properties', 'patternProperties', 'dependentSchemas', '$defs')
_SCHEMAS = (
    *('items', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'),
    *('unevaluatedItems', 'unevaluatedProperties'),
)


@dataclass(frozen=True)
class Node:
    """A value of the document and where it stands; what is not there is a node of None."""

    pointer: tuple[str, ...]
    value: Any

    def __getitem__(self, key: str) -> 'Node':
        child = None
        if isinstance(self.value, dict):
            child = self.value.get(key)
        elif isinstance(self.value, list) and key.isdecimal() and len(key) < 9:
            child = self.value[int(key)] if int(key) < len(self.value) else None
        return Node((*self.pointer, key), child)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __iter__(self) -> Iterator['Node']:
        """Go through the values of an object or a list; anything else has none."""
        if isinstance(self.value, dict):
            return (self[key] for key in self.value)
        return (self[str(i)] for i in range(len(self.value) if isinstance(self.value, list) else 0))

    @property
    def name(self) -> str:
        """The key under which the node stands."""
        return self.pointer[-1]

    @property
    def text(self) -> str:
        """The value if it is text, else nothing."""
        return self.value if isinstance(self.value, str) else ''

    @property
    def types(self) -> list[str]:
        """The types that a schema allows; one that only has properties is an object's."""
        named = self['type'].value or ('object' if 'properties' in self else None)
        return [t for t in (named if isinstance(named, list) else [named]) if isinstance(t, str)]

    @property
    def place(self) -> str:
        """Where it stands, for people: ``POST /my_route``, else a JSON pointer."""
        if len(self.pointer) == 3 and self.pointer[0] == 'paths':
            return f'{self.name.upper()} {self.pointer[1]}'
        return '#' + ''.join(
            '/' + key.replace('~', '~0').replace('/', '~1') for key in self.pointer
        )


class Document:
    """An OpenAPI document, taken apart into what the rules are about."""

    def __init__(
        self, document: object, authorization_url: str | None = None, token_url: str | None = None
    ) -> None:
        """Take a document however wrong; raises Unreadable if it is none, huge or endless."""
        self.root = Node((), plain(document))
        if not isinstance(self.root.value, dict):
            raise Unreadable('it is not an object that starts with `openapi`')
        self._oauth_urls = {'authorizationUrl': authorization_url, 'tokenUrl': token_url}

    @cached_property
    def oauth_urls(self) -> dict[str, str]:
        """Where people sign in and tokens come from, as was given or else as it declares."""
        urls = self._oauth_urls
        for scheme in self.root['components']['securitySchemes']:
            flow = scheme['flows']['authorizationCode']
            urls = {name: url or flow[name].text for name, url in urls.items()}
        return {name: url for name, url in urls.items() if url}

    @cached_property
    def operations(self) -> list[Node]:
        """Every operation, in the document's order."""
        return [member for item in self.root['paths'] for member in item if member.name in METHODS]

    def parameters(self, operation: Node) -> list[Node]:
        """Return an operation's parameters."""
        return [self.resolve(parameter) for parameter in operation['parameters']]

    def request_body(self, operation: Node) -> list[Node]:
        """Return the media types in which an operation takes its request."""
        return list(self.resolve(operation['requestBody'])['content'])

    def body_properties(self, operation: Node) -> list[Node]:
        """Return the properties of the body: parameters like any others, to the model."""
        return [
            member
            for media_type in self.request_body(operation)
            for member in self.resolve(media_type['schema'])['properties']
        ]

    def responses(self, operation: Node) -> list[Node]:
        """Return the media types of all of an operation's responses."""
        return [
            media_type
            for response in operation['responses']
            for media_type in self.resolve(response)['content']
        ]

    @cached_property
    def schemas(self) -> list[Node]:
        """Every schema that an operation or the components hold, nested ones included."""
        tops = {node.pointer: node for node in self.root['components']['schemas']}
        for operation in self.operations:
            media_types = self.request_body(operation) + self.responses(operation)
            held = [media['schema'] for media in media_types if media['schema'].value is not None]
            held += [parameter['schema'] for parameter in self.parameters(operation)]
            tops |= {schema.pointer: schema for schema in held}
        return [schema for top in tops.values() for schema in _nested(top)]

    @cached_property
    def references(self) -> list[Node]:
        """Everything that stands for something else by a ``$ref``."""
        holders = [
            holder
            for operation in self.operations
            for holder in (
                *operation['parameters'],
                operation['requestBody'],
                *operation['responses'],
            )
        ]
        return [node for node in (*self.schemas, *holders) if node['$ref'].text]

    def resolve(self, node: Node) -> Node:
        """Follow a ``$ref``, also one to another; a broken or endless one leads to None."""
        for _ in range(_MAX_REFERENCES):
            if not node['$ref'].text:
                return node
            node = self._target(node['$ref'].text)
        return Node(node.pointer, None)

    def _target(self, reference: str) -> Node:
        start, *keys = reference.split('/')
        node = self.root if start == '#' else Node((reference,), None)
        for key in keys:
            if node.value is None:
                break
            node = node[unquote(key).replace('~1', '/').replace('~0', '~')]
        return node


def _nested(schema: Node) -> Iterator[Node]:
    yield schema
    for keyword in _SCHEMAS:
        if keyword in schema and not isinstance(schema[keyword].value, bool):
            yield from _nested(schema[keyword])
    for keyword in (*_MAPS_OF_SCHEMAS, *_LISTS_OF_SCHEMAS):
        for child in schema[keyword]:
            yield from _nested(child)
