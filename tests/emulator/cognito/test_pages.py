"""The pages that a person sees, by what is in them and where they lead."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from emulator.sample.data import EMAIL, POOL_ID, TEMPORARY_PASSWORD
from tests.support.people.signing_in import (
    CALLBACK,
    PASSWORD,
    App,
    Browser,
    Cognito,
    parameters,
    running,
)

WRONG = 'Incorrect username or password.'
DAY = 86_400


@pytest.fixture(scope='module')
def emulator() -> Iterator[Cognito]:
    with running() as cognito:
        yield cognito


@pytest.fixture
def cognito(emulator: Cognito) -> Iterator[Cognito]:
    yield emulator
    emulator.clock.seconds = 0


@pytest.fixture
def app(cognito: Cognito) -> App:
    return cognito.add_app(LogoutURLs=['https://app.example/bye'])


@pytest.fixture
def newcomer(cognito: Cognito) -> str:
    """Return the address of a person who has a temporary password."""
    person = cognito.add_person()
    cognito.api.admin_set_user_password(
        UserPoolId=POOL_ID, Username=person, Password=TEMPORARY_PASSWORD, Permanent=False
    )
    return person


def alert(page: requests.Response) -> list[str]:
    """Return the paragraphs of what a page announces."""
    region = re.search(r'role="alert".*?</div>', page.text, re.DOTALL)
    return [unescape(text) for text in re.findall(r'<p>(.*?)</p>', region[0])] if region else []


def to_new_password(browser: Browser, app: App, person: str) -> requests.Response:
    """Sign in with the temporary password; return the page that asks for another one."""
    answer = browser.log_in(app, person, TEMPORARY_PASSWORD)
    assert urlsplit(answer.headers['Location']).path == '/newPassword'
    return browser.open(app, '/newPassword')


# Signing in


def test_page_says_which_app_asks_and_where_it_leads(app: App) -> None:
    page = Browser().open(app, '/login')

    assert page.status_code == 200
    assert 'to continue to <strong>The App</strong>' in page.text
    assert 'you return to <strong>app.example</strong>' in page.text


def test_form_is_labelled_and_known_to_password_managers(app: App) -> None:
    page = Browser().open(app, '/login').text

    assert '<html lang="en">' in page
    for name, label, kind in (
        ('username', 'Email address', 'username'),
        ('password', 'Password', 'current-password'),
    ):
        assert f'<label for="{name}">{label}</label>' in page
        (field,) = re.findall(rf'<input id="{name}"[^>]*>', page)
        assert f'autocomplete="{kind}"' in field
    assert '<script' not in page


@pytest.mark.parametrize(
    ('by', 'label'),
    [
        ([], 'Username'),
        (['phone_number'], 'Phone number'),
        (['email', 'phone_number'], 'Email address or Phone number'),
    ],
)
def test_name_is_called_what_the_pool_signs_in_with(
    by: list[Any], label: str, cognito: Cognito
) -> None:
    pool = cognito.api.create_user_pool(PoolName='p', UsernameAttributes=by)['UserPool']['Id']

    assert f'>{label}</label>' in Browser().open(cognito.add_app(pool), '/login').text


def test_login_hint_fills_the_name_in(app: App) -> None:
    page = Browser().open(app, '/login', login_hint='"><b>jane')

    assert 'value="&#34;&gt;&lt;b&gt;jane"' in page.text


@pytest.mark.parametrize(
    ('path', 'status'), [('/login', 200), ('/error', 400), ('/login?client_id=x', 302)]
)
def test_pages_are_not_framed_cached_or_named_as_referrer(
    path: str, status: int, cognito: Cognito, app: App
) -> None:
    asked = app.asks if path == '/login' else {}
    answer = requests.get(f'{cognito.url}{path}', asked, allow_redirects=False, timeout=10)

    assert answer.status_code == status
    policy = answer.headers['Content-Security-Policy']
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("base-uri 'none'; frame-ancestors 'none'")
    assert answer.headers['Cache-Control'] == 'no-store'
    assert answer.headers['Referrer-Policy'] == 'no-referrer'
    assert answer.headers['X-Frame-Options'] == 'DENY'
    assert answer.headers['X-Content-Type-Options'] == 'nosniff'


def test_cookies_are_out_of_reach_for_scripts_and_other_sites(cognito: Cognito, app: App) -> None:
    browser = Browser()
    browser.log_in(app, cognito.add_person(), PASSWORD)

    assert {cookie.name for cookie in browser.cookies} == {'XSRF-TOKEN', 'cognito'}
    for cookie in browser.cookies:
        assert cookie.has_nonstandard_attr('HttpOnly')
        assert cookie.get_nonstandard_attr('SameSite') == 'Lax'
        assert cookie.path == '/'


def test_right_password_leads_to_the_callback(cognito: Cognito, app: App) -> None:
    answer = Browser().log_in(app, cognito.add_person(), PASSWORD)

    assert answer.headers['Location'].startswith(f'{CALLBACK}&code=')


@pytest.mark.parametrize('change', [str.upper, str.title, str.swapcase])
def test_case_of_an_address_does_not_matter(change: Any, cognito: Cognito, app: App) -> None:
    assert 'code' in parameters(Browser().log_in(app, change(cognito.add_person()), PASSWORD))


@pytest.mark.parametrize(
    'password', ['', 'wrong', PASSWORD.lower(), f'{PASSWORD} ', '\0', 'ü€', 'x' * 20_000]
)
def test_wrong_password_is_announced(password: str, cognito: Cognito, app: App) -> None:
    browser, person = Browser(), cognito.add_person()

    page = browser.log_in(app, person, password)

    assert (page.status_code, alert(page)) == (401, [WRONG])
    assert '<title>Problem: Sign in to The App</title>' in page.text
    assert page.text.count('aria-invalid="true" aria-describedby="problem"') == 2
    assert f'value="{person}"' in page.text
    assert 'cognito' not in browser.cookies


@pytest.mark.parametrize(
    'name', ['', 'nobody', 'nobody@example.com', '\0', '<b>', "' or 1=1", 'ü€', 'x' * 20_000]
)
def test_unknown_name_looks_like_a_wrong_password(name: str, cognito: Cognito, app: App) -> None:
    known = cognito.add_person()

    browser = Browser()
    of_known = browser.log_in(app, known, 'wrong')
    of_unknown = browser.log_in(app, name, 'wrong')

    assert of_unknown.status_code == of_known.status_code == 401
    assert alert(of_unknown) == alert(of_known)
    assert of_unknown.headers.keys() == of_known.headers.keys()
    assert of_known.text.count('autofocus') == of_unknown.text.count('autofocus') == 1


def test_name_is_escaped(app: App) -> None:
    page = Browser().log_in(app, '"><script>alert(1)</script>', 'x')

    assert '<script' not in page.text
    assert '&#34;&gt;&lt;script&gt;' in page.text


def test_name_of_the_app_is_escaped(cognito: Cognito) -> None:
    app = cognito.add_app(ClientName='<b>Tom & Co</b>')

    page = Browser().open(app, '/login')

    assert '<strong>&lt;b&gt;Tom &amp; Co&lt;/b&gt;</strong>' in page.text


@pytest.mark.parametrize(
    ('cookie', 'sent'),
    [
        (None, None),
        (None, ''),
        (None, 'guessed'),
        ('', ''),
        ('held', None),
        ('held', ''),
        ('held', 'guessed'),
        ('held', 'ü'),
        ('ü', 'held'),
    ],
)
def test_form_of_another_site_is_refused(
    cookie: str | None, sent: str | None, cognito: Cognito, app: App
) -> None:
    headers = {} if cookie is None else {'Cookie': f'XSRF-TOKEN={cookie}'.encode()}

    page = requests.post(
        f'{cognito.url}/login',
        {'username': cognito.add_person(), 'password': PASSWORD, '_csrf': sent},
        params=app.asks,
        headers=headers,
        allow_redirects=False,
        timeout=10,
    )

    assert page.status_code == 403
    assert alert(page) == ['This page was open for too long. Please try again.']


@pytest.mark.parametrize(
    ('state', 'words'),
    [
        ('disabled', 'User is disabled.'),
        ('unconfirmed', 'User is not confirmed.'),
        ('reset', 'Password reset required. Ask an administrator for a new password.'),
    ],
)
def test_state_of_a_person_is_shown_only_with_the_password(
    state: str, words: str, cognito: Cognito, app: App
) -> None:
    person = _person_in(state, cognito, app)

    right, wrong = (Browser().log_in(app, person, tried) for tried in (PASSWORD, 'wrong'))

    assert (right.status_code, alert(right)) == (401, [words])
    assert (wrong.status_code, alert(wrong)) == (401, [WRONG])


def _person_in(state: str, cognito: Cognito, app: App) -> str:
    if state == 'unconfirmed':
        public = cognito.add_app(GenerateSecret=False)
        cognito.api.sign_up(ClientId=public.id, Username='eve@example.com', Password=PASSWORD)
        return 'eve@example.com'
    person = cognito.add_person(app.pool_id)
    change = {
        'disabled': cognito.api.admin_disable_user,
        'reset': cognito.api.admin_reset_user_password,
    }[state]
    change(UserPoolId=POOL_ID, Username=person)
    return person


# The new password


def test_temporary_password_leads_to_a_new_one_and_on_to_the_callback(
    cognito: Cognito, app: App, newcomer: str
) -> None:
    browser = Browser()
    page = to_new_password(browser, app, newcomer)

    answer = browser.submit(page, new_password='Chosen-1', new_password_again='Chosen-1')

    assert app.exchange(parameters(answer)['code']).status_code == 200
    assert parameters(answer)['state'] == 'the-state'
    person = cognito.api.admin_get_user(UserPoolId=POOL_ID, Username=newcomer)
    assert person['UserStatus'] == 'CONFIRMED'
    assert 'code' in parameters(Browser().log_in(app, newcomer, 'Chosen-1'))
    assert alert(Browser().log_in(app, newcomer, TEMPORARY_PASSWORD)) == [WRONG]


def test_sample_person_can_sign_in(cognito: Cognito, app: App) -> None:
    page = to_new_password(Browser(), app, EMAIL)

    assert page.status_code == 200
    assert f'value="{EMAIL}" readonly' in page.text
    assert page.text.count('autocomplete="new-password"') == 2
    status = cognito.api.admin_get_user(UserPoolId=POOL_ID, Username=EMAIL)['UserStatus']
    assert status == 'FORCE_CHANGE_PASSWORD'


@pytest.mark.parametrize(
    ('password', 'problem'),
    [
        ('', 'at least 8 characters, a lowercase letter, an uppercase letter, a number and {}.'),
        ('short', 'at least 8 characters, an uppercase letter, a number and {}.'),
        ('Chosen-one', 'a number.'),
        (' Chosen-1', 'no space at the start or the end.'),
        ('Aa1!' * 65, 'at most 256 characters.'),
    ],
)
def test_new_password_that_will_not_do_is_explained(
    password: str, problem: str, app: App, newcomer: str
) -> None:
    browser = Browser()
    page = to_new_password(browser, app, newcomer)

    refused = browser.submit(page, new_password=password, new_password_again=password)

    needed = problem.format('a symbol such as ! or #')
    assert (refused.status_code, alert(refused)) == (400, [f'Your password needs {needed}'])
    assert not password or password not in refused.text
    corrected = browser.submit(refused, new_password=PASSWORD, new_password_again=PASSWORD)
    assert 'code' in parameters(corrected)


def test_new_password_has_to_be_typed_twice_alike(app: App, newcomer: str) -> None:
    browser = Browser()
    page = to_new_password(browser, app, newcomer)

    refused = browser.submit(page, new_password='Chosen-1', new_password_again='Chosen-2')

    assert refused.status_code == 400
    assert alert(refused) == ['The two passwords are not the same.']


def test_new_password_is_set_once(app: App, newcomer: str) -> None:
    browser = Browser()
    page = to_new_password(browser, app, newcomer)
    browser.submit(page, new_password='Chosen-1', new_password_again='Chosen-1')

    again = browser.submit(page, new_password='Chosen-2', new_password_again='Chosen-2')

    assert urlsplit(again.headers['Location']).path == '/login'
    assert alert(Browser().log_in(app, newcomer, 'Chosen-2')) == [WRONG]


@pytest.mark.parametrize('what', ['no sign-in', 'another app', 'three minutes', 'new password'])
def test_new_password_needs_the_temporary_one_before(
    what: str, cognito: Cognito, app: App, newcomer: str
) -> None:
    browser = Browser()
    if what != 'no sign-in':
        to_new_password(browser, app, newcomer)
    match what:
        case 'another app':
            app = cognito.add_app()
        case 'three minutes':
            cognito.clock.seconds = 181
        case 'new password':
            cognito.api.admin_set_user_password(
                UserPoolId=POOL_ID, Username=newcomer, Password='Another-1', Permanent=False
            )

    page = browser.open(app, '/newPassword')

    assert urlsplit(page.headers['Location']).path == '/login'
    assert parameters(page) == app.asks


def test_new_password_form_of_another_site_is_refused(app: App, newcomer: str) -> None:
    browser = Browser()
    page = to_new_password(browser, app, newcomer)

    form = {'new_password': 'Chosen-1', 'new_password_again': 'Chosen-1', '_csrf': 'forged'}
    answer = browser.post(page.url, form, allow_redirects=False)

    assert answer.status_code == 403
    assert alert(Browser().log_in(app, newcomer, 'Chosen-1')) == [WRONG]


def test_temporary_password_expires_and_can_be_sent_anew(
    cognito: Cognito, app: App, newcomer: str
) -> None:
    cognito.clock.seconds = 8 * DAY
    expired = Browser().log_in(app, newcomer, TEMPORARY_PASSWORD)

    cognito.clock.seconds = 0
    cognito.api.admin_create_user(
        UserPoolId=POOL_ID,
        Username=newcomer,
        TemporaryPassword='Another-1',
        MessageAction='RESEND',
    )

    assert expired.status_code == 401
    assert alert(expired) == [
        'Temporary password has expired and must be reset by an administrator.'
    ]
    assert alert(Browser().log_in(app, newcomer, TEMPORARY_PASSWORD)) == [WRONG]
    anew = Browser().log_in(app, newcomer, 'Another-1')
    assert urlsplit(anew.headers['Location']).path == '/newPassword'


# Signing out


def test_logout_ends_the_session_and_leads_where_the_client_says(
    cognito: Cognito, app: App
) -> None:
    browser = Browser()
    browser.log_in(app, cognito.add_person(), PASSWORD)
    held = browser.cookies['cognito']

    answer = browser.get(
        f'{cognito.url}/logout',
        params={'client_id': app.id, 'logout_uri': 'https://app.example/bye'},
        allow_redirects=False,
    )

    assert answer.headers['Location'] == 'https://app.example/bye'
    assert 'cognito' not in browser.cookies
    browser.cookies['cognito'] = held
    assert browser.open(app).headers['Location'].startswith('/login?')


def test_logout_can_lead_to_signing_in_again(cognito: Cognito, app: App) -> None:
    browser = Browser()
    browser.log_in(app, cognito.add_person(), PASSWORD)

    answer = browser.open(app, '/logout')

    assert urlsplit(answer.headers['Location']).path == '/login'
    assert parameters(answer) == app.asks
    assert browser.open(app).headers['Location'].startswith('/login?')


@pytest.mark.parametrize(
    'asked',
    [
        {},
        {'logout_uri': 'https://app.example/bye/'},
        {'logout_uri': 'https://evil.example/'},
        {'logout_uri': ''},
        {'post_logout_redirect_uri': 'https://app.example/bye'},
        {'client_id': 'nobody', 'logout_uri': 'https://app.example/bye'},
        {'logout_uri': ['https://app.example/bye', 'https://evil.example/']},
    ],
)
def test_logout_leads_nowhere_else_but_ends_the_session(
    asked: dict[str, Any], cognito: Cognito, app: App
) -> None:
    browser = Browser()
    browser.log_in(app, cognito.add_person(), PASSWORD)

    answer = browser.get(
        f'{cognito.url}/logout', params={'client_id': app.id} | asked, allow_redirects=False
    )

    assert parameters(answer) == {
        'error': "Required String parameter 'redirect_uri' is not present"
    }
    assert answer.headers['Location'].startswith('/error?')
    assert 'cognito' not in browser.cookies


# What went wrong


@pytest.mark.parametrize(
    'problem',
    [
        'redirect_mismatch',
        'Client does not exist.',
        'Client is not enabled for OAuth2.0 flows.',
        "Required String parameter 'redirect_uri' is not present",
        "Required String parameter 'client_id' is not present",
    ],
)
def test_error_page_says_what_is_wrong(problem: str, cognito: Cognito) -> None:
    page = requests.get(f'{cognito.url}/error', {'error': problem}, timeout=10)

    assert page.status_code == 400
    assert 'An error was encountered with the requested page.' in page.text
    assert alert(page) == [problem]


@pytest.mark.parametrize('problem', ['', 'Call 555-0100 now', '<script>alert(1)</script>', '\0'])
def test_error_page_shows_no_words_of_others(problem: str, cognito: Cognito) -> None:
    page = requests.get(f'{cognito.url}/error', {'error': problem}, timeout=10)

    assert page.status_code == 400
    assert alert(page) == []
    assert not problem or problem not in page.text
