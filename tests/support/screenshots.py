"""Makes the pictures of docs/images anew: `python -m tests.screenshots`."""

from urllib.parse import urlencode

from playwright.sync_api import Page, expect, sync_playwright

from emulator.sample.data import CALLBACK_URLS, EMAIL, TEMPORARY_PASSWORD
from emulator.server import Emulator, run_in_thread
from tests.support.dev_process import ROOT
from tests.support.people.chromium import launch_options

IMAGES = ROOT / 'docs' / 'images'


def take_all(page: Page, emulator: Emulator) -> None:
    """Sign in for the first time, and keep each page that a person sees on the way."""
    asked = {
        'client_id': emulator.client_id,
        'redirect_uri': CALLBACK_URLS[-1],
        'response_type': 'code',
        'scope': 'openid email profile',
        'state': 's',
    }
    page.goto(f'{emulator.url}/oauth2/authorize?{urlencode(asked)}')
    page.get_by_label('Email address').fill(EMAIL)
    page.get_by_label('Password').fill(TEMPORARY_PASSWORD)
    page.screenshot(path=IMAGES / 'sign-in.png', full_page=True)
    page.get_by_role('button', name='Sign in').click()
    expect(page.get_by_label('New password', exact=True)).to_be_focused()
    page.screenshot(path=IMAGES / 'new-password.png', full_page=True)


def main() -> None:
    """Start what is needed, and stop it again."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, run_in_thread() as emulator:
        options = launch_options(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(**options)
        take_all(browser.new_page(viewport={'width': 560, 'height': 520}), emulator)
        browser.close()


if __name__ == '__main__':
    main()
