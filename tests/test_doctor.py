"""`ops doctor`: what it prints, how it ends, and that its documentation is whole."""

import re
from pathlib import Path

from ops.checks import CHECKS

PAGE = Path(__file__).parent.parent / 'docs' / 'doctor.md'


def test_documentation_has_every_check_as_it_is() -> None:
    rows = re.findall(r'^\| `([\w-]+)` \| (.*) \| (.*) \|$', PAGE.read_text(), flags=re.MULTILINE)

    assert rows == [
        (check.name, check.question, check.remedy.replace('{stage}', 'S')) for check in CHECKS
    ]
