"""``python -m openapi_lint FILE…``: the same as ``gpt-action-lint``."""

import sys

from openapi_lint.command import main

if __name__ == '__main__':
    sys.exit(main())
