"""The token of the last sign-in, kept so that the next call needs none: as ChatGPT keeps it."""

import json
from dataclasses import dataclass
from pathlib import Path

from ops.trying.sign_in import Token


@dataclass(frozen=True)
class KeptToken:
    """A file that only its owner may read, with the last token of one stage."""

    path: Path
    client_id: str

    def load(self) -> Token | None:
        """Return the token, if there is one of the same app client."""
        try:
            kept = json.loads(self.path.read_text())
            if kept['client_id'] == self.client_id and kept['token']['access_token']:
                return dict(kept['token'])
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            pass  # whatever else stands there is as good as nothing
        return None

    def save(self, token: Token) -> Token:
        """Keep a token instead of the last one, and return it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self.path.touch(mode=0o600, exist_ok=False)
        self.path.write_text(json.dumps({'client_id': self.client_id, 'token': token}))
        return token
