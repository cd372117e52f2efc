"""The pages that a person sees: signing in, choosing a password, signing out, what went wrong.

They work by keyboard, with a password manager and without JavaScript, and load nothing else.
"""

import base64
import hashlib
import re
from pathlib import Path
from secrets import compare_digest
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from emulator.cognito import oauth, people, user_pool
from emulator.cognito.oauth import CognitoServer
from emulator.cognito.sessions import Sessions
from emulator.cognito.user_pool import AppClient

_CSRF_COOKIE = 'XSRF-TOKEN'
_CSRF_TOKEN = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_STYLE = (Path(__file__).parent / 'templates' / 'style.css').read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# No form-action: browsers apply it to the redirect to the app's callback too, wherever it leads on.
_HEADERS = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
}
_STALE_FORM = 'This page was open for too long. Please try again.'
_NO_PAGES = 'Login pages unavailable. Please contact an administrator.'
_REMEDIES = {
    'redirect_mismatch': (
        'The app asked to return to an address that is not one of its callback URLs. '
        'They have to match to the letter.'
    ),
    'Client does not exist.': 'No user pool here has an app client with this client_id.',
    'Client is not enabled for OAuth2.0 flows.': (
        'Set AllowedOAuthFlowsUserPoolClient, AllowedOAuthFlows and AllowedOAuthScopes on it.'
    ),
    'invalid_request': 'A parameter was sent more than once.',
    _NO_PAGES: "The pool's domain has managed login, and this app client has no branding for it.",
    oauth.missing('client_id'): 'The app has to say which client it is.',
    oauth.missing('redirect_uri'): 'The app has to say where to return to.',
}


class Pages:
    """The pages, over the OAuth server that knows what an app asks and the browsers' sessions."""

    def __init__(self, server: CognitoServer, sessions: Sessions) -> None:
        self._server = server
        self._sessions = sessions

    def blueprint(self) -> Blueprint:
        """Return the pages with their paths."""
        pages = Blueprint('pages', __name__, template_folder='templates')
        pages.after_request(_secure)
        pages.add_url_rule('/login', view_func=self.show_login)
        pages.add_url_rule('/login', view_func=self.login, methods=['POST'])
        pages.add_url_rule('/newPassword', view_func=self.show_new_password)
        pages.add_url_rule('/newPassword', view_func=self.set_new_password, methods=['POST'])
        pages.add_url_rule('/logout', view_func=self.logout)
        pages.add_url_rule('/error', view_func=self.error)
        return pages

    def show_login(self) -> ResponseReturnValue:
        """Ask for name and password."""
        return _login_page(self._server.validated_grant().request.client)

    def login(self) -> ResponseReturnValue:
        """Check name and password, and go on with what comes next for the person."""
        grant = self._server.validated_grant()
        client = grant.request.client
        if not _has_csrf_token():
            return _login_page(client, 403, _STALE_FORM)
        name, password = request.form.get('username', ''), request.form.get('password', '')
        try:
            person = people.sign_in(client.pool, name, password, self._server.issuer.clock())
        except people.SignInRefused as refused:
            return _login_page(client, 401, str(refused))
        if people.needs_new_password(person):
            response = oauth.redirect_with_query('/newPassword')
            self._sessions.challenge(response, client, person)
            return response
        return self._sign_in(grant, person)

    def show_new_password(self) -> ResponseReturnValue:
        """Ask for a password in place of the temporary one."""
        client = self._server.validated_grant().request.client
        challenge = self._sessions.find_challenge(client)
        if not challenge:
            return oauth.redirect_with_query('/login')
        return _new_password_page(client, challenge.person)

    def set_new_password(self) -> ResponseReturnValue:
        """Set the password that the person chose, if the pool's policy allows it, and sign in."""
        grant = self._server.validated_grant()
        client = grant.request.client
        challenge = self._sessions.find_challenge(client)
        if not challenge:
            return oauth.redirect_with_query('/login')
        if not _has_csrf_token():
            return _new_password_page(client, challenge.person, 403, [_STALE_FORM])
        problems = _problems_of_new_password(client)
        if problems:
            return _new_password_page(client, challenge.person, 400, problems)
        people.set_password(challenge.person, request.form['new_password'])
        return self._sign_in(grant, challenge.person)

    def logout(self) -> ResponseReturnValue:
        """Sign the browser out, wherever it goes then."""
        response = _after_logout()
        self._sessions.forget(response)
        return response

    def error(self) -> ResponseReturnValue:
        """Say what is wrong; anybody can write this address, so only in words from here."""
        problem = request.args.get('error', '')
        known = problem if problem in _REMEDIES else ''
        return _page('error.html', 400, problem=known, remedies=_REMEDIES)

    def _sign_in(self, grant: Any, person: people.Person) -> Response:
        session = self._sessions.new(grant.request.client.pool, person)
        response = self._server.send_back(grant, person, session.auth_time)
        self._sessions.remember(response, session)
        return response


def _login_page(client: AppClient, status: int = 200, problem: str = '') -> Response:
    if not client.has_sign_in_pages:
        return _page('error.html', 400, problem=_NO_PAGES, remedies=_REMEDIES)
    by = client.pool.extended_config.get('UsernameAttributes', [])
    label = {'email': 'Email address', 'phone_number': 'Phone number'}
    return _page(
        'login.html',
        status,
        client=client,
        host=_callback_host(),
        label=' or '.join(label[attribute] for attribute in by) or 'Username',
        name=request.form.get('username') or request.args.get('login_hint', ''),
        problem=problem,
    )


def _new_password_page(
    client: AppClient, person: people.Person, status: int = 200, problems: list[str] | None = None
) -> Response:
    return _page(
        'new_password.html',
        status,
        client=client,
        host=_callback_host(),
        name=person.attribute_lookup.get('email', person.username),
        rules=_needs(people.password_rules(client.pool)),
        problems=problems or [],
    )


def _problems_of_new_password(client: AppClient) -> list[str]:
    password = request.form.get('new_password', '')
    unmet = people.unmet_rules(client.pool, password)
    problems = [_needs(unmet)] if unmet else []
    if password != request.form.get('new_password_again', ''):
        problems.append('The two passwords are not the same.')
    return problems


def _needs(rules: list[str]) -> str:
    *others, last = rules
    return f'Your password needs {", ".join(others)}{" and " if others else ""}{last}.'


def _after_logout() -> Response:
    """Return where a sign-out leads: to an address that the client registered, or a page here."""
    values = request.args
    client = user_pool.find_client(values.get('client_id', ''))
    if client and not oauth.has_repeated_parameter():
        if values.get('logout_uri') in client.logout_urls:
            return redirect(values['logout_uri'])  # type: ignore[return-value]
        if values.get('redirect_uri') and values.get('response_type'):
            return oauth.redirect_with_query('/login')
    return oauth.to_error_page(error=oauth.missing('redirect_uri'))


def _page(template: str, status: int, **shown: Any) -> Response:
    held = request.cookies.get(_CSRF_COOKIE, '')
    csrf = held if _CSRF_TOKEN.fullmatch(held) else str(uuid4())
    page = render_template(template, csrf=csrf, style=_STYLE, **shown)
    response = make_response(page, status)
    response.set_cookie(_CSRF_COOKIE, csrf, httponly=True, samesite='Lax')
    return response


def _has_csrf_token() -> bool:
    """Tell whether the form comes from a page that this browser was shown."""
    sent, held = request.form.get('_csrf', ''), request.cookies.get(_CSRF_COOKIE, '')
    return bool(held) and compare_digest(sent.encode(), held.encode())


def _callback_host() -> str:
    parts = urlsplit(request.args.get('redirect_uri', ''))
    return parts.netloc or parts.scheme


def _secure(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
