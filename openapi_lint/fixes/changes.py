"""The changes that mend a broken rule: each is made in place, on what keeps comments and order."""

import copy
import re
from collections.abc import Callable, Iterator, MutableMapping
from importlib import import_module
from typing import Any

from openapi_lint.rules.document_kind import TAKEN
from openapi_lint.text.document import METHODS, SKIPPED_METHODS, Document, pointer_of

# A parsed document, whatever keeps it: a dict of JSON, or what ruamel.yaml makes of YAML.
Tree = MutableMapping[Any, Any]
Change = Callable[[Tree], None]

_BOUNDS = {'exclusiveMinimum': 'minimum', 'exclusiveMaximum': 'maximum'}
# Where parameters stand in an operation that had none: before what it takes and answers.
_AFTER_PARAMETERS = ('requestBody', 'responses', 'callbacks', 'security')


def take_version(tree: Tree) -> None:
    """Write the version 3.1.0, and the two bounds that mean something else in it."""
    version = str(tree.get('openapi', ''))
    if version in TAKEN or not re.match(r'3\.', version):
        return
    tree['openapi'] = TAKEN[0]
    if version.startswith('3.0'):
        for schema in _schemas(tree):
            for bound, limit in _BOUNDS.items():
                if schema.get(bound) is True and limit in schema:
                    schema[bound] = schema.pop(limit)
                elif schema.get(bound) is False:
                    del schema[bound]


def add_schemas(tree: Tree) -> None:
    """Put an empty object where the components have no schemas."""
    if 'components' not in tree:
        return
    if tree['components'] is None or tree['components'] == []:
        tree['components'] = {'schemas': {}}
    elif isinstance(tree['components'], dict) and not tree['components'].get('schemas'):
        tree['components']['schemas'] = {}


def write_host_small(tree: Tree) -> None:
    """Write the scheme and the host of each server in small letters."""
    servers = tree.get('servers')
    for server in servers if isinstance(servers, list) else ():
        url = server.get('url') if isinstance(server, dict) else None
        if isinstance(url, str) and (origin := re.match(r'[^/]*//[^/]*', url)):
            small = origin[0].lower() + url[origin.end() :]
            if small != url:
                server['url'] = small


def drop_methods(tree: Tree) -> None:
    """Take out the operations that ChatGPT skips, and a path that has no others."""
    paths: Any = tree.get('paths')
    for path, item in list(_items(paths)):
        for method in SKIPPED_METHODS:
            if method in item:
                del item[method]
                if not item:
                    del paths[path]


def move_parameters_down(tree: Tree) -> None:
    """Put the parameters of a path into each of its operations that does not have its own."""
    for _, item in _items(tree.get('paths')):
        shared = item.get('parameters')
        if not isinstance(shared, list):
            continue
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                _add_parameters(tree, operation, shared)
        del item['parameters']


def inline_parameters(tree: Tree) -> None:
    """Put what it stands for in place of a parameter that is a ``$ref``."""
    for _, item in _items(tree.get('paths')):
        for method in METHODS:
            operation = item.get(method)
            parameters: Any = operation.get('parameters') if isinstance(operation, dict) else None
            for index, parameter in enumerate(parameters if isinstance(parameters, list) else ()):
                found = _target(tree, parameter)
                if found is not parameter and isinstance(found, dict):
                    parameters[index] = copy.deepcopy(found)


def write_null_as_type(tree: Tree) -> None:
    """Write ``nullable`` as the type ``null`` beside the others, as OpenAPI 3.1 has it."""
    for schema in _schemas(tree):
        kind, values = schema.get('type'), schema.get('enum')
        if schema.get('nullable') is False:
            del schema['nullable']
        elif schema.get('nullable') is True and isinstance(kind, str):
            del schema['nullable']
            schema['type'] = _on_one_line(schema, [kind, 'null'])
            if isinstance(values, list) and None not in values:
                values.append(None)


CHANGES: dict[str, Change] = {
    'openapi-version': take_version,
    'components-schemas': add_schemas,
    'server-case': write_host_small,
    'path-key': drop_methods,
    'path-parameters': move_parameters_down,
    'parameter-reference': inline_parameters,
    'schema-null': write_null_as_type,
}


def _on_one_line(beside: Tree, values: list[Any]) -> list[Any]:
    """Return a list that is written in brackets where its holder keeps how it is written."""
    if not hasattr(beside, 'fa'):
        return values
    written: Any = import_module('ruamel.yaml.comments').CommentedSeq(values)
    written.fa.set_flow_style()
    kept: list[Any] = written
    return kept


def _items(paths: Any) -> Iterator[tuple[Any, Tree]]:
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if isinstance(item, dict):
            yield path, item


def _add_parameters(tree: Tree, operation: Tree, shared: list[Any]) -> None:
    own = operation.get('parameters')
    declared = own if isinstance(own, list) else []
    names = [_name(tree, parameter) for parameter in declared]
    added = [copy.deepcopy(each) for each in shared if _name(tree, each) not in names]
    if declared:
        for index, parameter in enumerate(added):
            declared.insert(index, parameter)
    elif added:
        _insert(operation, 'parameters', added)


def _insert(operation: Tree, key: str, value: Any) -> None:
    """Put a member before those that follow it by custom."""
    # ruamel.yaml's map keeps comments where they stand only if nothing is taken out and put back.
    insert = getattr(operation, 'insert', None)
    if insert:
        keys = list(operation)
        at = next((i for i, each in enumerate(keys) if each in _AFTER_PARAMETERS), len(keys))
        insert(at, key, value)
        return
    after = {each: operation.pop(each) for each in list(operation) if each in _AFTER_PARAMETERS}
    operation[key] = value
    operation.update(after)


def _name(tree: Tree, parameter: Any) -> tuple[Any, Any]:
    found = _target(tree, parameter)
    return (found.get('name'), found.get('in')) if isinstance(found, dict) else (None, None)


def _target(tree: Tree, value: Any) -> Any:
    """Return what a ``$ref`` stands for in the tree, else the value."""
    for _ in range(50):
        reference = value.get('$ref') if isinstance(value, dict) else None
        if not isinstance(reference, str):
            return value
        pointer = pointer_of(reference)
        found = None if pointer is None else _at(tree, pointer)
        if found is None:
            return value
        value = found
    return value


def _schemas(tree: Tree) -> Iterator[Tree]:
    """Yield every schema of the tree that can be changed."""
    for node in Document(tree).schemas:
        found = _at(tree, node.pointer)
        if isinstance(found, dict):
            yield found


def _at(tree: Any, pointer: tuple[str, ...]) -> Any:
    value = tree
    for key in pointer:
        if isinstance(value, dict):
            # YAML has numbers as keys, `200:`.
            value = next((child for name, child in value.items() if str(name) == key), None)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value
