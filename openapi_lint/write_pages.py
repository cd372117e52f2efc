"""``python -m openapi_lint.write_pages docs``: the rules written into the documentation."""

import sys
from pathlib import Path

from openapi_lint.findings.rule import PAGES
from openapi_lint.formats.rule_pages import pages, with_tables

if __name__ == '__main__':
    docs = Path(sys.argv[1])
    (docs / Path(PAGES).name).write_text(pages(), 'utf-8')
    index = docs / 'openapi.md'
    index.write_text(with_tables(index.read_text('utf-8')), 'utf-8')
