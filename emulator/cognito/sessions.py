"""What Cognito remembers of a browser: who has signed in, and who is about to."""

from dataclasses import dataclass
from secrets import token_urlsafe

from flask import Response, request

from emulator.cognito import people
from emulator.cognito.people import Person
from emulator.cognito.user_pool import AppClient, UserPool
from emulator.expiring import Clock, Expiring

SESSION_COOKIE = 'cognito'
SESSION_SECONDS = 3600
_CHALLENGE_COOKIE = 'cognito-challenge'


@dataclass(frozen=True)
class Session:
    """A signed-in browser; it is good for every app client of the pool."""

    pool: UserPool
    person: Person
    auth_time: int


@dataclass(frozen=True)
class Challenge:
    """A person who gave the right temporary password and has to choose one of their own."""

    client: AppClient
    person: Person
    temporary_password: str


class Sessions:
    """The sessions and challenges of all browsers, each held by an unguessable cookie."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: Expiring[Session] = Expiring(clock)
        self._challenges: Expiring[Challenge] = Expiring(clock)

    def find(self, pool: UserPool) -> Session | None:
        """Return this browser's session with a pool, if its person may still have tokens."""
        session = self._sessions.get(request.cookies.get(SESSION_COOKIE, ''))
        if not session or session.pool is not pool:
            return None
        return session if people.may_have_tokens(pool, session.person) else None

    def new(self, pool: UserPool, person: Person) -> Session:
        """Return a session that begins now; ``remember`` gives it to the browser."""
        return Session(pool, person, int(self._clock()))

    def remember(self, response: Response, session: Session) -> None:
        """Give the browser its session, in place of any other and of a challenge."""
        key = token_urlsafe()
        self._sessions.put(key, session, SESSION_SECONDS)
        _set_cookie(response, SESSION_COOKIE, key, SESSION_SECONDS)
        self._challenges.pop(request.cookies.get(_CHALLENGE_COOKIE, ''))
        response.delete_cookie(_CHALLENGE_COOKIE)

    def forget(self, response: Response) -> None:
        """Sign the browser out."""
        self._sessions.pop(request.cookies.get(SESSION_COOKIE, ''))
        response.delete_cookie(SESSION_COOKIE)

    def challenge(self, response: Response, client: AppClient, person: Person) -> None:
        """Let the browser choose a password for the person, for a few minutes."""
        key = token_urlsafe()
        challenge = Challenge(client, person, person.password or '')
        self._challenges.put(key, challenge, client.challenge_seconds)
        _set_cookie(response, _CHALLENGE_COOKIE, key, client.challenge_seconds)

    def find_challenge(self, client: AppClient) -> Challenge | None:
        """Return this browser's challenge, if the temporary password is still in force."""
        challenge = self._challenges.get(request.cookies.get(_CHALLENGE_COOKIE, ''))
        if not challenge or challenge.client.id != client.id:
            return None
        person = challenge.person
        is_in_force = (
            people.needs_new_password(person)
            and person.enabled
            and person.password == challenge.temporary_password
            and client.pool.users.get(person.username) is person
        )
        return challenge if is_in_force else None


def _set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite='Lax')
