"""Rules about what a `$ref` stands for."""

import re

from openapi_lint.findings.evidence import DEEPL, GLOBALPING, published
from openapi_lint.findings.rule import PROFILES, Problems, quote, rule
from openapi_lint.rules.parameters import is_parameter
from openapi_lint.text.document import COMPOSITIONS, Document, Node
from openapi_lint.text.source import Pointer

# A longer circle of nothing but references is not looked for.
MAX_REFERENCES = 20
_TO_SCHEMA = '#/components/schemas/'
_WORKS = re.compile(r'#/components/(schemas|responses)/[^/]+')


@rule(
    'reference-broken',
    'error',
    breaks='a `$ref` to what is not in the document',
    remedy='Point it at what the document itself holds.',
    evidence=published('reference to unknown component Note; using empty schema', DEEPL),
    profiles=PROFILES,
)
def _has_what_it_refers_to(document: Document) -> Problems:
    for node in document.references:
        is_broken = document.resolve(node).value is None and not is_parameter(node)
        if is_broken and not _circle(document, node):
            yield node, f'its $ref {quote(node.reference)} leads nowhere in the document'


@rule(
    'reference-circular',
    'error',
    breaks='a schema that contains itself, or a `$ref` to itself',
    remedy='Write it out to a fixed depth.',
    evidence=published('Components section contains a circular dependency'),
    profiles=PROFILES,
)
def _is_finite(document: Document) -> Problems:
    references: dict[str, set[str]] = {}
    circles: dict[frozenset[Pointer], Node] = {}
    for node in document.references:
        if circle := _circle(document, node):
            circles.setdefault(frozenset(each.pointer for each in circle), circle[0])
        if node.pointer[:2] == ('components', 'schemas'):
            *_, target = node.reference.partition(_TO_SCHEMA)
            references.setdefault(node.pointer[2], set()).add(target)
    turning = {pointer for pointers in circles for pointer in pointers}
    for pointers, node in circles.items():
        others = ', by way of others' if len(pointers) > 1 else ''
        yield node, f'it is a $ref to itself{others}'
    for names in _cycles(references):
        schema = document.root['components']['schemas'][names[0]]
        if schema.pointer not in turning:
            others = f', by way of {", ".join(names[1:6])}' if names[1:] else ''
            yield schema, f'it contains itself{others}'


@rule(
    'reference-composed',
    'error',
    breaks='a `$ref` under `allOf`, `anyOf` or `oneOf`',
    remedy='Write out what it refers to, in its place.',
    evidence=published('using empty schema', DEEPL, GLOBALPING),
)
def _has_no_composed_references(document: Document) -> Problems:
    for node in document.references:
        if len(node.pointer) > 2 and node.pointer[-2] in COMPOSITIONS:
            yield node, f'it is a $ref under {node.pointer[-2]}, which is read as an empty schema'


@rule(
    'reference-target',
    'warning',
    breaks='a `$ref` to anything but `#/components/schemas/...` and `#/components/responses/...`',
    remedy='Write out what it refers to, in its place.',
    evidence=published('only these are reported to work'),
)
def _refers_to_components(document: Document) -> Problems:
    for node in document.references:
        # One that leads nowhere, in a circle or stands for a parameter breaks another rule.
        is_sound = document.resolve(node).value is not None and not is_parameter(node)
        if is_sound and not _WORKS.fullmatch(node.reference):
            yield node, 'only a $ref to a schema or a response of the components is known to work'


def _circle(document: Document, node: Node) -> list[Node]:
    """Return the references that lead to each other, if a reference leads to nothing else."""
    passed: dict[Pointer, Node] = {}
    while node.reference and node.pointer not in passed and len(passed) < MAX_REFERENCES:
        passed[node.pointer] = node
        node = document.target(node.reference)
    if node.pointer not in passed:
        return []
    return list(passed.values())[list(passed).index(node.pointer) :]


def _cycles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the names that lead to each other, together; Kosaraju's algorithm, without calls."""
    backwards: dict[str, set[str]] = {}
    for name, targets in edges.items():
        for target in targets:
            backwards.setdefault(target, set()).add(name)
    seen: set[str] = set()
    ended = [name for start in edges for name in _from(start, edges, seen)]
    seen = set()
    groups = [sorted(_from(name, backwards, seen)) for name in reversed(ended)]
    return sorted(names for names in groups if len(names) > 1 or _leads_to_itself(names, edges))


def _leads_to_itself(names: list[str], edges: dict[str, set[str]]) -> bool:
    return bool(names) and names[0] in edges.get(names[0], ())


def _from(start: str, edges: dict[str, set[str]], seen: set[str]) -> list[str]:
    """Return what is reached from a name and was not seen before, the last one first."""
    if start in seen:
        return []
    seen.add(start)
    ended: list[str] = []
    path = [(start, iter(sorted(edges.get(start, ()))))]
    while path:
        targets = path[-1][1]
        target = next((each for each in targets if each not in seen), None)
        if target is None:
            ended.append(path.pop()[0])
        else:
            seen.add(target)
            path.append((target, iter(sorted(edges.get(target, ())))))
    return ended
