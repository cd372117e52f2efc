"""A call with a person's access token, which is kept, refreshed or got by signing in."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import click
import requests

from ops.trying.kept_token import KeptToken
from ops.trying.limits import Limits, Received, receive_text
from ops.trying.loopback import SignInFailed
from ops.trying.sign_in import SignIn, Token


@dataclass(frozen=True)
class SignedInCall:
    """Calls an API with a token of ``oauth``; ``sign_in`` gets the first one."""

    oauth: SignIn
    kept: KeptToken
    sign_in: Callable[[], Token]
    limits: Limits

    def __call__(self, request: requests.Request) -> tuple[Received, str]:
        """Send a request and return the answer.

        A kept token that has expired, or that the API refuses, is renewed and the request sent
        once more. Raises SignInFailed or LimitBroken.
        """
        kept = self.kept.load()
        token = kept if kept and not _has_expired(kept) else self._renew(kept)
        answer = self._send(request, token)
        if answer[0].status == 401 and token is kept:
            answer = self._send(request, self._renew(kept))
        return answer

    def _send(self, request: requests.Request, token: Token) -> tuple[Received, str]:
        return receive_text('The answer', partial(self.oauth.send, token, request), self.limits)

    def _renew(self, token: Token | None) -> Token:
        if token and token.get('refresh_token'):
            try:
                return self.kept.save(self.oauth.refresh(token))
            except SignInFailed:
                click.echo('The last sign-in is over: sign in again.', err=True)
        return self.kept.save(self.sign_in())


def _has_expired(token: Token) -> bool:
    return bool(token.get('expires_at', 0) <= time.time())
