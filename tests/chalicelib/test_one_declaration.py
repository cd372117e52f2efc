"""An operation is declared once, and by that is a route, in the OpenAPI document, and a tool."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.http_request import Request
from chalicelib.identity import Caller, authorizer
from chalicelib.operation import operation
from chalicelib.operations.routes import operation_routes
from openapi_document import build
from tests.support.mcp.calls import call_tool, new_app, result
from tests.support.people.verified_calls import JANE, call


class GreetingRequest(Request):
    """Whom to greet."""

    name: Annotated[str, Meta(description='Their name.', max_length=10)]
    loud: Annotated[bool, Meta(description='Whether to shout.')] = False


class Greeting(Struct):
    """A greeting."""

    text: Annotated[str, Meta(description='The greeting.')]


def test_operation_is_declared_once() -> None:
    app = new_app('one-declaration')
    assert result('tools/list', app=app)['tools'] == []
    app = new_app('one-declaration')

    @app.route('/greetings/{name}', methods=['GET'], authorizer=authorizer)
    @operation('getGreeting')
    def get_greeting(request: GreetingRequest, caller: Caller) -> Greeting:
        """Greets somebody.

        In the name of the caller.
        """
        text = f'Hello {request.name} from {caller.username}'
        return Greeting(text.upper() if request.loud else text)

    greeting = {'text': f'Hello Joe from {JANE["username"]}'}
    over_http = call(app, 'GET', '/greetings/Joe')
    document = build({}, 'https://api.example.com', operation_routes(app))
    described = document['paths']['/greetings/{name}']['get']
    (tool,) = result('tools/list', app=app)['tools']

    assert over_http.json_body == greeting
    assert call_tool('getGreeting', {'name': 'Joe'}, app=app)['structuredContent'] == greeting
    assert described['operationId'] == tool['name'] == 'getGreeting'
    assert (described['summary'], described['description']) == tuple(
        tool['description'].split('\n')
    )
    parameters = {parameter['name']: parameter for parameter in described['parameters']}
    properties = tool['inputSchema']['properties']
    assert {
        name: parameter['schema'] | {'description': parameter['description']}
        for name, parameter in parameters.items()
    } == properties
    assert [name for name, one in parameters.items() if one['required']] == ['name']
    assert tool['inputSchema']['required'] == ['name']
    answered = described['responses']['200']['content']['application/json']['schema']
    assert answered['properties'] == tool['outputSchema']['properties']
    assert described['x-openai-isConsequential'] is False
    assert tool['annotations']['readOnlyHint'] is True
