"""An OpenAPI document as the rules ask about it.

Nothing here raises on what a document holds, whatever its shape: what is missing or of the wrong
type reads as an empty node, so that each rule says only what it is about.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from openapi_lint.text.source import Pointer, Source, Unreadable, plain

# Those that the editor knows; what OpenAPI has beside them, it skips.
METHODS = ('get', 'put', 'post', 'delete', 'patch')
SKIPPED_METHODS = ('options', 'head', 'trace')
COMPOSITIONS = ('allOf', 'anyOf', 'oneOf')

_LISTS_OF_SCHEMAS = frozenset({*COMPOSITIONS, 'prefixItems'})
_MAPS_OF_SCHEMAS = frozenset({'properties', 'patternProperties', 'dependentSchemas', '$defs'})
_SCHEMAS = frozenset(
    {'items', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'}
    | {'unevaluatedItems', 'unevaluatedProperties'}
)


@dataclass(slots=True)
class Node:
    """A value of the document and where it stands; what is not there is a node of None."""

    pointer: Pointer
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
            return (Node((*self.pointer, key), child) for key, child in self.value.items())
        members = self.value if isinstance(self.value, list) else ()
        return (Node((*self.pointer, str(i)), child) for i, child in enumerate(members))

    @property
    def name(self) -> str:
        """The key under which the node stands; nothing of the document itself."""
        return self.pointer[-1] if self.pointer else ''

    @property
    def text(self) -> str:
        """The value if it is text, else nothing."""
        return self.value if isinstance(self.value, str) else ''

    @property
    def reference(self) -> str:
        """What its ``$ref`` refers to, if it has one."""
        target = self.value.get('$ref') if isinstance(self.value, dict) else None
        return target if isinstance(target, str) else ''

    @property
    def types(self) -> list[str]:
        """The types that a schema allows; one that only has properties is an object's."""
        if not isinstance(self.value, dict):
            return []
        named = self.value.get('type') or ('object' if 'properties' in self.value else None)
        return [t for t in (named if isinstance(named, list) else [named]) if isinstance(t, str)]

    @property
    def place(self) -> str:
        """Where it stands, for people: ``POST /my_route`` and its texts, else a JSON pointer."""
        if self.pointer[:1] == ('paths',) and len(self.pointer) in (3, 4):
            path, method, *field = self.pointer[1:]
            is_told = method in (*METHODS, *SKIPPED_METHODS)
            if is_told and not (field and isinstance(self.value, dict | list)):
                return f'{method.upper()} {path}'
        return '#' + ''.join(
            '/' + key.replace('~', '~0').replace('/', '~1') for key in self.pointer
        )


class Document:
    """An OpenAPI document, taken apart into what the rules are about."""

    def __init__(
        self,
        document: object,
        authorization_url: str | None = None,
        token_url: str | None = None,
    ) -> None:
        """Take a document however wrong, as it was read or any value.

        Raises Unreadable if it is none, huge or endless.
        """
        self.source = document if isinstance(document, Source) else Source(plain(document))
        self.root = Node((), self.source.value)
        if not isinstance(self.root.value, dict):
            raise Unreadable('it is not an object that starts with `openapi`')
        self._resolved: dict[str, Node] = {}
        self._taken: dict[Pointer, list[Node]] = {}
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
    def paths(self) -> list[Node]:
        """Every path, in the document's order."""
        paths = self.root['paths']
        return list(paths) if isinstance(paths.value, dict) else []

    @cached_property
    def operations(self) -> list[Node]:
        """Every operation that the editor knows, in the document's order."""
        members = [member for path in self.paths for member in path if member.name in METHODS]
        return [operation for operation in members if isinstance(operation.value, dict)]

    def parameters(self, operation: Node) -> list[Node]:
        """Return an operation's parameters."""
        listed = operation['parameters']
        if not isinstance(listed.value, list):
            return []
        return [self.resolve(parameter) for parameter in listed]

    def request_body(self, operation: Node) -> list[Node]:
        """Return the media types in which an operation takes its request."""
        return list(self.resolve(operation['requestBody'])['content'])

    def body_schemas(self, operation: Node) -> list[Node]:
        """Return the schemas of the body, whose properties are parameters to the model."""
        return [self.resolve(media['schema']) for media in self.request_body(operation)]

    @cached_property
    def body_properties(self) -> list[Node]:
        """The properties of all bodies, each once however many operations share a schema."""
        schemas = [schema for each in self.operations for schema in self.body_schemas(each)]
        unique = {schema.pointer: schema for schema in schemas}
        return [member for schema in unique.values() for member in schema['properties']]

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
            held = [*self.request_schemas(operation), *_schemas_of(self.responses(operation))]
            tops |= {schema.pointer: schema for schema in held}
        return [schema for top in tops.values() for schema in nested(top)]

    def request_schemas(self, operation: Node) -> list[Node]:
        """Return the schemas of what an operation takes: of its parameters and its body."""
        parameters = [
            parameter['schema']
            for parameter in self.parameters(operation)
            if isinstance(parameter.value, dict) and 'content' not in parameter
        ]
        return parameters + _schemas_of(self.request_body(operation))

    def taken_by(self, operation: Node) -> list[Node]:
        """Return every schema that a request of an operation may hold, those referred to too."""
        if operation.pointer not in self._taken:
            self._taken[operation.pointer] = self.reached(self.request_schemas(operation))
        return self._taken[operation.pointer]

    @cached_property
    def reached_by_requests(self) -> set[Pointer]:
        """Where every schema stands that a request may hold, those it refers to included."""
        tops = [top for operation in self.operations for top in self.request_schemas(operation)]
        return {schema.pointer for schema in self.reached(tops)}

    def reached(self, tops: Iterable[Node]) -> list[Node]:
        """Return what schemas are made of: those nested in them and those they refer to."""
        found: dict[Pointer, Node] = {}
        left = list(tops)
        while left:
            top = left.pop()
            if top.pointer in found:
                continue
            for schema in nested(top):
                found[schema.pointer] = schema
                if schema.reference:
                    left.append(self.resolve(schema))
        return list(found.values())

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
        return [node for node in (*self.schemas, *holders) if node.reference]

    def resolve(self, node: Node) -> Node:
        """Follow a ``$ref``, also one to another; a broken or endless one leads to None."""
        passed: set[str] = set()
        while node.reference:
            reference = node.reference
            if reference in self._resolved:
                node = self._resolved[reference]
                break
            if reference in passed:
                node = Node(node.pointer, None)
                break
            passed.add(reference)
            node = self.target(reference)
        # A long chain is followed once, not again from each of its links.
        self._resolved |= dict.fromkeys(passed, node)
        return node

    def target(self, reference: str) -> Node:
        """Return what a ``$ref`` names, which may be a reference itself."""
        pointer = pointer_of(reference)
        if pointer is None:
            return Node((reference,), None)
        node = self.root
        for key in pointer:
            if node.value is None:
                break
            node = node[key]
        return node

    def at(self, pointer: Pointer) -> Node:
        """Return what stands at a pointer."""
        node = self.root
        for key in pointer:
            node = node[key]
        return node


def pointer_of(reference: str) -> Pointer | None:
    """Return where a ``$ref`` leads in its own document; None if it leads out of it."""
    start, *keys = reference.split('/')
    if start != '#':
        return None
    return tuple(unquote(key).replace('~1', '/').replace('~0', '~') for key in keys)


def _schemas_of(media_types: list[Node]) -> list[Node]:
    # One without a schema breaks a rule of its own.
    return [media['schema'] for media in media_types if media['schema'].value is not None]


def nested(schema: Node) -> Iterator[Node]:
    """Yield a schema and all that stand in it, in the order of the document."""
    left = [schema]
    while left:
        node = left.pop()
        yield node
        if isinstance(node.value, dict):
            left += reversed(list(_children(node)))


def _children(schema: Node) -> Iterator[Node]:
    for key, value in schema.value.items():
        # A value of `properties` may be called `items`: the keyword tells, not the name.
        if key in _SCHEMAS and not isinstance(value, bool):
            yield Node((*schema.pointer, key), value)
        elif key in _MAPS_OF_SCHEMAS or key in _LISTS_OF_SCHEMAS:
            yield from Node((*schema.pointer, key), value)
