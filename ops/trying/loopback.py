"""The end of a sign-in: the browser brings the authorization code to a port of this machine."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import parse_qs

import click

PATH = '/callback'
WAIT_SECONDS = 300

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif }}
  main {{ margin: 0 auto; max-width: 24rem; padding: 12vh 1.5rem }}
  h1 {{ font-size: 1.5rem }}
</style>
<main><h1>{title}</h1><p>{text}</p></main>
"""


class SignInFailed(click.ClickException):
    """Nobody could be signed in; the message says why."""


def redirect_uri(port: int) -> str:
    """Return the callback URL that the listener answers at."""
    return f'http://localhost:{port}{PATH}'


def wait_for_code(
    port: int, state: str, send_browser: Callable[[], None], seconds: float = WAIT_SECONDS
) -> str:
    """Listen, send the browser off to sign in, and return the code it comes back with.

    Raises SignInFailed, also for a callback whose ``state`` is not the one that was sent: it may
    come from a page that wants its own account signed in.
    """
    outcomes: SimpleQueue[str | SignInFailed] = SimpleQueue()
    try:
        server = ThreadingHTTPServer(('127.0.0.1', port), _handler(state, outcomes))
    except OSError as error:
        raise SignInFailed(
            f'Cannot listen on port {port} ({error.strerror}): end what uses it, or take another '
            'with --port.'
        ) from error
    with server:
        listener = Thread(target=server.serve_forever, args=(0.05,))
        listener.start()
        try:
            send_browser()
            outcome = outcomes.get(timeout=seconds)
        except Empty as error:
            raise SignInFailed(f'Nobody signed in within {seconds / 60:g} minutes.') from error
        finally:
            server.shutdown()
            listener.join()
    if isinstance(outcome, SignInFailed):
        raise outcome
    return outcome


def _handler(
    state: str, outcomes: 'SimpleQueue[str | SignInFailed]'
) -> type[BaseHTTPRequestHandler]:
    class Callback(BaseHTTPRequestHandler):
        """Answers the one request that ends a sign-in."""

        timeout = 10  # browsers open connections ahead and leave them silent

        def do_GET(self) -> None:
            path, _, query = self.path.partition('?')
            if path != PATH:
                self.send_error(404)
                return
            outcome = _read(parse_qs(query), state)
            with suppress(ConnectionError):  # whose window is closed already
                self._show(outcome)
            outcomes.put(outcome)

        def _show(self, outcome: str | SignInFailed) -> None:
            status, title, text = 200, 'Signed in', 'You can close this window.'
            if isinstance(outcome, SignInFailed):
                status, title, text = 400, 'Not signed in', outcome.message
            page = _PAGE.format(title=title, text=escape(text))
            self.send_response(status)
            self.send_header('Content-Type', 'text/html; charset=utf-8')
            self.send_header('Content-Length', str(len(page.encode())))
            self.send_header('Cache-Control', 'no-store')
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object, **__: object) -> None:
            """Log nothing: the request line holds the code."""

    return Callback


def _read(query: dict[str, list[str]], state: str) -> str | SignInFailed:
    sent = query.get('state', [''])
    if len(sent) != 1 or not secrets.compare_digest(sent[0].encode(), state.encode()):
        return SignInFailed('The state is not the one that was sent: nothing was accepted.')
    if 'error' in query:
        reason = ': '.join(query['error'] + query.get('error_description', []))
        printable = ''.join(c if c.isprintable() else '?' for c in reason)
        return SignInFailed(f'The sign-in was refused: {printable[:300]}')
    if len(query.get('code', [])) != 1:
        return SignInFailed('The callback brought no authorization code.')
    return query['code'][0]
