"""The first sign-in in a real browser, up to a signed-in call of the real API."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import boto3
import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.wrappers import Request, Response

from emulator.sample.data import CALLBACK_URLS, EMAIL, POOL_ID, TEMPORARY_PASSWORD
from emulator.server import run_in_thread
from ops.app_clients import app_client
from tests.support.dev_process import ROOT, banner, emulator, free_ports
from tests.support.people.chromium import launch_options
from tests.support.raw_http import serving

SCREENSHOTS = ROOT / 'out' / 'screenshots'
NEW_PASSWORD = 'Chosen-by-Jane-1'


@pytest.fixture(scope='module')
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = launch_options(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


def asking(url: str, client_id: str, callback: str) -> str:
    """Return the address that an app sends a person to."""
    asked = {
        'client_id': client_id,
        'redirect_uri': callback,
        'response_type': 'code',
        'scope': 'openid email profile',
        'state': 'a state',
    }
    return f'{url}/oauth2/authorize?{urlencode(asked)}'


def screenshot(page: Page, name: str) -> None:
    """Keep what the page looks like."""
    page.screenshot(path=SCREENSHOTS / f'{name}.png', full_page=True)


def sign_in_for_the_first_time(page: Page, callback: str) -> dict[str, str]:
    """Sign in as a person does who was given a temporary password; return what the app gets.

    Everything is done by keyboard: each page puts the cursor where typing begins.
    """
    expect(page.get_by_label('Email address')).to_be_focused()
    screenshot(page, '1-sign-in')
    _type(page, EMAIL, 'wrong')
    expect(page.get_by_role('alert')).to_have_text('Incorrect username or password.')
    expect(page.get_by_label('Email address')).to_have_value(EMAIL)
    expect(page.get_by_label('Password')).to_be_focused()
    screenshot(page, '2-wrong-password')
    _type(page, TEMPORARY_PASSWORD)
    expect(page.get_by_label('New password', exact=True)).to_be_focused()
    screenshot(page, '3-new-password')
    _type(page, 'short', 'other')
    expect(page.get_by_role('alert')).to_contain_text('at least 8 characters')
    expect(page.get_by_role('alert')).to_contain_text('not the same')
    screenshot(page, '4-password-that-will-not-do')
    _type(page, NEW_PASSWORD, NEW_PASSWORD)
    page.wait_for_url(f'{callback}?*')
    screenshot(page, '5-callback')
    return dict(parse_qsl(urlsplit(page.url).query))


def _type(page: Page, *values: str) -> None:
    """Type into the field with the cursor and those after it, then submit."""
    page.keyboard.type(values[0])
    for value in values[1:]:
        page.keyboard.press('Tab')
        page.keyboard.type(value)
    page.keyboard.press('Enter')


@Request.application
def app(_request: Request) -> Response:
    """Answer as the app that the person returns to."""
    return Response('<!doctype html><title>The app</title><p>Welcome back.', mimetype='text/html')


def register(url: str, client_id: str, callback: str) -> Any:
    """Register an app's callback URL with an app client; return the client."""
    cognito = boto3.client('cognito-idp', region_name='us-east-1', endpoint_url=url)
    client = app_client.find(cognito, POOL_ID, client_id)
    app_client.set_callback_urls(cognito, client, [callback])
    return client


def test_first_sign_in_leads_to_a_signed_in_call(browser: Browser) -> None:
    ports = free_ports()
    url, api = (f'http://localhost:{port}' for port in ports.values())
    page = browser.new_page(java_script_enabled=False)
    hosts: set[str] = set()
    page.on('request', lambda request: hosts.add(urlsplit(request.url).netloc))

    with serving(app) as app_url, emulator('--api', ports=ports) as process:
        callback = f'{app_url}/callback'
        client_id = banner(process).partition('App client id')[2].split()[0]
        client = register(url, client_id, callback)
        page.goto(asking(api, client_id, callback))
        answer = sign_in_for_the_first_time(page, callback)
        tokens = requests.post(
            f'{api}/oauth2/token',
            {
                'grant_type': 'authorization_code',
                'code': answer['code'],
                'redirect_uri': callback,
                'client_id': client_id,
                'client_secret': client['ClientSecret'],
            },
            timeout=10,
        ).json()
        headers = {'Authorization': f'Bearer {tokens["access_token"]}'}
        signed_in = requests.post(f'{api}/my_route', headers=headers, timeout=10)
        anonymous = requests.post(f'{api}/my_route', timeout=10)

    assert answer['state'] == 'a state'
    assert (signed_in.status_code, signed_in.json()) == (200, {'success': True})
    assert (anonymous.status_code, anonymous.json()) == (401, {'message': 'Unauthorized'})
    assert hosts == {urlsplit(each).netloc for each in (api, url, app_url)}


@pytest.mark.parametrize(
    ('name', 'settings', 'card_width'),
    [
        ('desktop', {'viewport': {'width': 1280, 'height': 800}}, 416),
        ('phone', {'viewport': {'width': 320, 'height': 568}, 'is_mobile': True}, 320),
        ('dark', {'color_scheme': 'dark', 'forced_colors': 'none'}, 416),
    ],
)
def test_pages_fit_the_screen(
    name: str, settings: dict[str, Any], card_width: int, browser: Browser
) -> None:
    page = browser.new_page(**settings)
    problems: list[str] = []
    page.on('console', lambda message: problems.append(message.text))

    with run_in_thread() as cognito:
        for path in (
            asking(cognito.url, cognito.client_id, CALLBACK_URLS[0]),
            f'{cognito.url}/error?error=x',
        ):
            page.goto(path)
            screenshot(page, f'{name}-{urlsplit(page.url).path[1:]}')
            box = page.locator('main').bounding_box()
            wide = page.evaluate('document.documentElement.scrollWidth - innerWidth')
            assert box
            assert (box['width'], wide) == (card_width, 0)

    # What a browser says of the error page's status, and nothing of its content policy.
    assert len(problems) == 1
    assert '400' in problems[0]
