"""The token of the last sign-in, kept so that the next call needs none: as ChatGPT keeps it."""

import json
from dataclasses import dataclass
from pathlib import Path

from ops.sign_in import Token


@dataclass(frozen=True)
class KeptToken:
    """A file that only its owner may read, with the last token of one stage."""

    path: Path
    client_id: str

    def load(self) -> Token | None:
        """Return the token, if there is one of the same app client."""
        try:
            kept = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        is_usable = kept.get('client_id') == self.client_id and 'access_token' in kept['token']
        return kept['token'] if is_usable else None

    def save(self, token: Token) -> Token:
        """Keep a token instead of the last one, and return it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self.path.touch(mode=0o600, exist_ok=False)
        self.path.write_text(json.dumps({'client_id': self.client_id, 'token': token}))
        return token
