"""Rules about paths, and what stands beside the operations of one."""

from openapi_lint.findings.evidence import GLOBALPING, ROBOCORP, inferred, published
from openapi_lint.findings.rule import Problems, quote, rule
from openapi_lint.text.document import METHODS, SKIPPED_METHODS, Document

MAX_OPERATIONS = 30
_TEXTS = ('summary', 'description', 'servers')


@rule(
    'operation-count',
    'error',
    breaks='none, or more than 30',
    remedy='Keep 1 to 30; others may have a hostname of their own.',
    evidence=published('OpenAPI spec can have a maximum of 30 operations', ROBOCORP),
)
def _has_few_operations(document: Document) -> Problems:
    count = len(document.operations)
    if not 0 < count <= MAX_OPERATIONS:
        yield document.root['paths'], f'it has {count} operations'


@rule(
    'path-slash',
    'error',
    breaks='a path that does not start with a slash, as `notes` or a whole URL',
    remedy='Start it with a slash; the host belongs into `servers`.',
    evidence=published('Path notes does not start with a slash; skipping'),
)
def _starts_with_a_slash(document: Document) -> Problems:
    for item in document.paths:
        if not item.name.startswith(('/', 'x-')):
            yield item, f'the path {quote(item.name)} starts with no slash, so it is skipped'


@rule(
    'path-parameters',
    'error',
    breaks='`parameters` beside the operations of a path',
    remedy='Declare them in each operation.',
    evidence=published('Path /notes has unrecognized method parameters; skipping', GLOBALPING),
    fixable=True,
)
def _has_no_path_parameters(document: Document) -> Problems:
    for item in document.paths:
        if 'parameters' in item:
            problem = 'its parameters stand beside the operations, where they are ignored'
            yield item['parameters'], problem


@rule(
    'path-key',
    'error',
    breaks='anything else beside the operations of a path: `head`, `options`, `POST`, `$ref`',
    remedy=f'Use only {", ".join(METHODS)}, in small letters.',
    evidence=published('Path /notes has unrecognized method options; skipping'),
    fixable=True,
)
def _knows_path_keys(document: Document) -> Problems:
    for item in document.paths:
        for key in item.value if isinstance(item.value, dict) else ():
            if key in SKIPPED_METHODS:
                yield item[key], f'ChatGPT calls no {key.upper()}, so it is skipped'
            elif key not in (*METHODS, 'parameters', *_TEXTS) and not key.startswith('x-'):
                yield item[key], f'its key {quote(key)} is not a method, so it is skipped'


@rule(
    'path-text',
    'warning',
    breaks='`summary`, `description` or `servers` beside the operations of a path',
    remedy='Move it into the operations or to the top.',
    evidence=published('Path /notes has unrecognized method summary; skipping'),
)
def _has_no_path_text(document: Document) -> Problems:
    for item in document.paths:
        for key in _TEXTS:
            if key in item:
                yield item[key], f'its {key} stands beside the operations, where it is ignored'


@rule(
    'path-item',
    'error',
    breaks='a path whose operations are no object, or an operation that is none',
    remedy='Write the operations of a path as `get:`, `post:` and so on, below it.',
    evidence=inferred('nothing can be read of it'),
)
def _has_operations_as_objects(document: Document) -> Problems:
    for item in document.paths:
        if item.name.startswith('x-'):
            continue
        if not isinstance(item.value, dict):
            yield item, 'it has no operations'
        for member in item:
            if member.name in METHODS and not isinstance(member.value, dict):
                yield member, 'it is no object'
