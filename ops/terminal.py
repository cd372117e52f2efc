"""Text that somebody else chose, as a terminal may be given it."""

import json
import re

# A terminal obeys these, and half a surrogate pair can't be encoded.
_CONTROLS = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]')


def printable(text: str) -> str:
    """Return text with its control characters, but for line ends and tabs, escaped as in JSON."""
    return _CONTROLS.sub(lambda found: json.dumps(found[0])[1:-1], text)
