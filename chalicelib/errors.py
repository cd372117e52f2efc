"""The errors that a caller may see; each message says what to do next."""

from collections.abc import Callable
from typing import NamedTuple

from chalice.app import ChaliceViewError, Request, Response


class InvalidRequest(ChaliceViewError):
    """The request does not fit the operation."""

    STATUS_CODE = 400


class NotSignedIn(ChaliceViewError):
    """API Gateway has verified no caller, or the app client of the caller is not allowed."""

    STATUS_CODE = 401


class GroupRequired(ChaliceViewError):
    """The caller is known but is not in the group that the operation asks for."""

    STATUS_CODE = 403


class RequestTooLarge(ChaliceViewError):
    """The request body is over the size that ChatGPT itself allows."""

    STATUS_CODE = 413


class NotPermitted(ChaliceViewError):
    """AWS refuses the function a call, or the data's owner refuses it the data."""

    STATUS_CODE = 403

    def __init__(self) -> None:
        super().__init__(
            'This API has no permission for that. Do not try again: '
            'tell the person to ask whoever runs it.'
        )


class PersonRefused(ChaliceViewError):
    """The caller's `sub` can't be the name of a role's session."""

    STATUS_CODE = 403

    def __init__(self) -> None:
        super().__init__(
            'This API gives access to people, and to app clients with a plain id, and the token is '
            'of neither. Do not try again: tell the person to ask whoever runs it.'
        )


class TooManyGroups(ChaliceViewError):
    """The caller is in more groups than the policy of a session can name."""

    STATUS_CODE = 403

    def __init__(self, groups: int) -> None:
        super().__init__(
            f'The person is in {groups} groups, more than their access can be made of. Do not try '
            'again: tell the person to ask an administrator to be taken out of some.'
        )


class ServiceBusy(ChaliceViewError):
    """An AWS service throttles."""

    STATUS_CODE = 429

    def __init__(self) -> None:
        super().__init__('The service behind this is busy. Wait a few seconds, then try again.')


class ServiceUnavailable(ChaliceViewError):
    """An AWS service does not answer, or not in time."""

    STATUS_CODE = 503

    def __init__(self) -> None:
        super().__init__('The service behind this does not answer. Try again in a minute.')


class NotSetUp(ChaliceViewError):
    """A setting names something that is not there."""

    STATUS_CODE = 503

    def __init__(self, problem: str) -> None:
        super().__init__(
            f'{problem}. Whoever runs this API can mend it; trying again does not help.'
        )


class InvalidCursor(ChaliceViewError):
    """The cursor is not one that this question gave out."""

    STATUS_CODE = 400

    def __init__(self) -> None:
        super().__init__(
            'The cursor does not belong to this question. Repeat the question exactly as it was '
            'asked when the cursor was given, or leave the cursor out to start from the beginning.'
        )


class FileNotAllowed(ChaliceViewError):
    """ChatGPT would not take a file; the message says which of its rules is broken."""

    STATUS_CODE = 422


# Escaped in JSON, a character may become twelve.
MAX_MESSAGE_CHARACTERS = 3_000

_REMEDIES = {
    405: 'Use a method that the Allow header names.',
    415: 'Send the body as JSON with Content-Type: application/json.',
}


class Refusal(NamedTuple):
    """An error as the caller sees it: an HTTP status, a code and a message."""

    status: int
    code: str
    message: str

    @property
    def body(self) -> dict[str, str]:
        """The body of an HTTP answer."""
        return {'Code': self.code, 'Message': self.message}


def refusal_of(error: Exception) -> Refusal:
    """Return the refusal for what a view raised, the same that Chalice answers with.

    An error that nobody foresaw becomes a plain 500, because its message may hold anything.
    """
    if isinstance(error, ChaliceViewError):
        message = str(error)[:MAX_MESSAGE_CHARACTERS]
        return Refusal(error.STATUS_CODE, type(error).__name__, message)
    return Refusal(500, 'InternalServerError', 'An internal server error occurred.')


def add_remedy(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Add what to do next to the refusals that Chalice writes itself (Chalice middleware)."""
    response = get_response(request)
    if response.status_code >= 400 and isinstance(response.body, dict):
        remedy = _REMEDIES.get(response.status_code)
        message = response.body['Message'] + (f'. {remedy}' if remedy else '')
        response.body['Message'] = message[:MAX_MESSAGE_CHARACTERS]
    return response
