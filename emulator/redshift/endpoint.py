"""The Redshift Data API as boto3 calls it, in front of a warehouse on DuckDB.

    redshift_data = RedshiftData(scale=1)
    werkzeug.serving.make_server('localhost', 0, redshift_data, threaded=True).serve_forever()

docs/redshift_emulator.md says what is served, and what is chosen where AWS's documents are silent.
"""

import atexit
import threading
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug import Request, Response

from emulator.expiring import Clock
from emulator.redshift.aws_json import ServiceError, check_input

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from emulator.redshift.service import Service


class RedshiftData:
    """The Data API as a WSGI application; close() it when done.

    ``scale`` multiplies the sample data, ``slots`` is how many statements run at once, and
    ``clock`` is what results and sessions age by. The data is made at the first request.
    """

    def __init__(
        self, database: str = 'dev', scale: int = 1, slots: int = 5, clock: Clock = time.time
    ) -> None:
        self._database = database
        self._scale = scale
        self._slots = slots
        self._clock = clock
        self._lock = threading.Lock()
        self._service: Service | None = None

    def __call__(
        self, environ: 'WSGIEnvironment', start_response: 'StartResponse'
    ) -> Iterable[bytes]:
        """Serve a request whose X-Amz-Target is ``RedshiftData.<operation>``."""
        status = 200
        try:
            answer = self._answer(Request(environ))
        except ServiceError as error:
            status = error.status
            answer = {'__type': error.code, 'message': str(error)} | error.details
        response = Response(
            msgspec.json.encode(answer),
            status,
            {'x-amzn-RequestId': str(uuid.uuid4())},
            content_type='application/x-amz-json-1.1',
        )
        return response(environ, start_response)

    def close(self) -> None:
        """Cancel whatever runs and remove all data."""
        with self._lock:
            if self._service:
                self._service.close()
            self._service = None
        atexit.unregister(self.close)

    def _answer(self, request: Request) -> dict[str, Any]:
        with self._lock:
            self._service = service = self._service or self._open()
        name = request.headers.get('X-Amz-Target', '').rpartition('.')[2]
        operation = service.operations.get(name)
        if operation is None:
            raise ServiceError('UnknownOperationException', f'Unknown operation: {name}')
        try:
            asked = msgspec.json.decode(request.get_data() or b'{}', type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise ServiceError('SerializationException', 'The request is not JSON.') from error
        check_input('redshift-data', name, asked)
        return operation({key: value for key, value in asked.items() if value is not None})

    def _open(self) -> 'Service':
        # Not at the start: DuckDB and the parser take their time, and many have no use for them.
        from emulator.redshift.service import Service  # noqa: PLC0415

        service = Service(self._database, self._scale, self._slots, self._clock)
        # A thread that DuckDB runs in must not outlive the interpreter.
        atexit.register(self.close)
        return service
