"""@operation: one declaration from which a call is validated, served, encoded and exported.

    @app.route('/greetings/{language}', methods=['GET'], authorizer=authorizer, cors=True)
    @operation('getGreeting')
    def get_greeting(request: GreetingRequest, caller: Caller) -> Greeting:
        '''Greets the signed-in person.'''

The function takes what it names by type: its Request, the Caller, both or neither. A field of the
request is a path parameter where the route's path names it; else a query parameter of a GET or
DELETE; else part of the JSON body.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, get_type_hints

import msgspec
from chalice.app import Response

from chalicelib.errors import GroupRequired
from chalicelib.http_request import Request, read
from chalicelib.identity import Caller, caller_of
from chalicelib.observability import Call, current_call

View = Callable[..., Response]


class Operation(msgspec.Struct, frozen=True):
    """An operation as it was declared; neither HTTP nor MCP shows in it.

    Its types are looked at when they are first asked for: they may be of modules that are loaded
    only then.
    """

    id: str
    function: Callable[..., msgspec.Struct]
    capability: str | None
    consequential: bool
    destructive: bool
    idempotent: bool
    open_world: bool
    group: str | None

    @property
    def arguments(self) -> dict[str, Any]:
        """The type of each argument of the function, by name."""
        return {name: kind for name, kind in _types(self.function).items() if name != 'return'}

    @property
    def response_type(self) -> type[msgspec.Struct]:
        """The struct that the operation answers with."""
        answered: type[msgspec.Struct] = _types(self.function).get('return', type(None))
        return answered

    @property
    def request_type(self) -> type[Request] | None:
        """The struct that the operation is asked with, if it is asked anything."""
        return next((t for t in self.arguments.values() if issubclass(t, Request)), None)

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or '').strip().partition('\n')[0]

    @property
    def description(self) -> str:
        """The rest of the function's docstring, a line a paragraph."""
        rest = (self.function.__doc__ or '').strip().partition('\n')[2]
        return '\n'.join(' '.join(part.split()) for part in rest.strip().split('\n\n'))

    def run(self, request: Request | None, caller: Caller) -> msgspec.Struct:
        """Run the operation for a caller; raises GroupRequired when it is not for them."""
        if self.group and self.group not in caller.groups:
            raise GroupRequired(
                f'Only members of the group {self.group} may do this. Do not try again: '
                'tell the person to ask an administrator to be added to it.'
            )
        return self.function(
            **{name: caller if t is Caller else request for name, t in self.arguments.items()}
        )


def operation(  # noqa: PLR0913 - one for each property of an operation
    operation_id: str,
    *,
    capability: str | None = None,
    consequential: bool = False,
    destructive: bool = True,
    idempotent: bool = False,
    open_world: bool = False,
    group: str | None = None,
) -> Callable[[Callable[..., msgspec.Struct]], View]:
    """Declare a view function as the operation that ChatGPT knows as ``operation_id``.

    ``capability`` is the one that it belongs to, and is switched off with; none: it is always on.
    ``consequential`` makes ChatGPT ask the person before each call: set it on whatever changes
    something. Of that, say if it is not ``destructive``, as it only adds; if it is ``idempotent``,
    as the same call again changes nothing more; and if it is ``open_world``, as it may reach what
    is not the company's own. ``group`` names the Cognito group that a caller must be in.
    """

    def declare(function: Callable[..., msgspec.Struct]) -> View:
        declared = Operation(
            id=operation_id,
            function=function,
            capability=capability,
            consequential=consequential,
            destructive=consequential and destructive,
            idempotent=idempotent or not consequential,
            open_world=open_world,
            group=group,
        )

        @wraps(function)
        def view(**path_parameters: str) -> Response:
            caller = identify_caller(current_call())
            request = read(current_call().request, path_parameters, declared.request_type)
            answer = declared.run(request, caller)
            return Response(
                msgspec.json.encode(answer).decode(), headers={'Content-Type': 'application/json'}
            )

        view.operation = declared  # type: ignore[attr-defined]
        return view

    return declare


def identify_caller(call: Call) -> Caller:
    """Find out who makes a call, and note it in the call for the log line; raises NotSignedIn."""
    call.caller = caller = caller_of(call.request)
    return caller


@cache
def _types(function: Callable[..., msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(function)
