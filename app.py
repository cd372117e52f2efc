"""The HTTP surface, all of it: the Chalice app and one thin route per operation."""

import os
from importlib import import_module

from chalice.app import Chalice

from chalicelib import errors, observability
from chalicelib.identity import authorizer
from chalicelib.operation import operation
from chalicelib.routes import operation_routes
from chalicelib.success import Success

app = Chalice(app_name='aws-middleware', configure_logs=False)
observability.observe(app)
app.register_middleware(errors.add_remedy, 'http')


@app.route('/my_route', methods=['POST'], authorizer=authorizer, cors=True)
@operation('postSuccess')
def my_route() -> Success:
    """Returns a success message.

    Endpoint to check the success status.
    """
    return Success(success=True)


operation_routes(app)

# Set by the chalice command line, never in Lambda: `chalice local` then checks tokens for real.
if 'AWS_CHALICE_CLI_MODE' in os.environ:
    import_module('emulator.chalice_local').guard()
