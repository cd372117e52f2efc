"""What has one right answer is written into the document, and nothing else of it changes."""

import codecs
from collections.abc import Collection

from openapi_lint.fixes.changes import CHANGES
from openapi_lint.fixes.rewriting import NotFixable, rewritten
from openapi_lint.text.parsing import parse
from openapi_lint.text.source import Unreadable

__all__ = ['NotFixable', 'fixed']


def fixed(text: bytes, rules: Collection[str]) -> bytes:
    """Return a document with what breaks these rules mended, as far as there is one way to.

    Comments, quotes and order stay. Raises NotFixable.
    """
    try:
        source = parse(text)
    except Unreadable as error:
        raise NotFixable(f'it cannot be read: {error}') from error
    if source.repeated:
        raise NotFixable('a key stands twice, and which one is meant is not known')
    changes = [change for name, change in CHANGES.items() if name in rules]
    mark = codecs.BOM_UTF8 if text.startswith(codecs.BOM_UTF8) else b''
    return mark + rewritten(source, changes).encode() if changes else text
