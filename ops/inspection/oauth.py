"""What ChatGPT asks of OAuth endpoints, as far as it gets without a person who signs in."""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urljoin

from ops.inspection.probe import Answer, probe

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import UserPoolClientTypeTypeDef

# Nobody can ever own this host: https://www.rfc-editor.org/rfc/rfc2606
FOREIGN_CALLBACK = 'https://callback.invalid/oauth'
# What Cognito tells a client that sends no secret, and one whose code was never given out.
NO_SECRET = {'error': 'invalid_client', 'error_description': 'invalid_client_secret'}
NO_SUCH_CODE = {'error': 'invalid_grant'}


class Redirect(NamedTuple):
    """What an authorize endpoint was asked, its answer, and where that leads, if anywhere."""

    asked: dict[str, str]
    answer: Answer
    location: str

    def __str__(self) -> str:
        query = self.query
        if reasons := [query[name] for name in ('error', 'error_description') if name in query]:
            return f'is refused: {", ".join(reasons)}'
        return f'leads to {self.location}' if self.location else f'is answered {self.answer}'

    @property
    def query(self) -> dict[str, str]:
        """The query of where it leads."""
        return dict(parse_qsl(self.location.partition('?')[2]))

    def leads_to(self, url: str) -> bool:
        """Tell whether it leads to a URL, with all that was asked."""
        is_there = self.answer.status == 302 and self.location.startswith(f'{url}?')
        return is_there and self.asked.items() <= self.query.items()

    def is_refused_at(self, url: str) -> bool:
        """Tell whether a server refuses it by itself, by a page of its own at most."""
        if not self.location:
            return self.answer.status == 400
        return self.location.startswith(f'{url}/error')


def signs_in_here(client: 'UserPoolClientTypeTypeDef') -> bool:
    """Tell whether people sign in at the pool's own page, not only at another provider's."""
    return 'COGNITO' in client.get('SupportedIdentityProviders', ['COGNITO'])


def authorize(
    url: str,
    client: 'UserPoolClientTypeTypeDef',
    scopes: list[str],
    callback: str,
    **more: str,
) -> Redirect:
    """Ask to sign somebody in who has not signed in yet, with more parameters if any."""
    asked = {
        'response_type': 'code',
        'client_id': client['ClientId'],
        'redirect_uri': callback,
        'scope': ' '.join(scopes),
        'state': 'ops-doctor',
        **more,
    }
    answer = probe('GET', url, query=asked)
    return Redirect(asked, answer, urljoin(url, answer.location) if answer.location else '')


def exchange(
    url: str, client: 'UserPoolClientTypeTypeDef', callback: str, secret: str = ''
) -> Answer:
    """Exchange a code that was never given out for tokens."""
    form = {
        'grant_type': 'authorization_code',
        'client_id': client['ClientId'],
        'code': '00000000-0000-4000-8000-000000000000',
        'redirect_uri': callback,
    }
    return probe('POST', url, form=form | ({'client_secret': secret} if secret else {}))
