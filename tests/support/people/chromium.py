"""The Chromium that the tests drive: the system's, or the one that Playwright installs."""

import shutil
from pathlib import Path

import pytest

OPTIONS = [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
]
_SYSTEM_BROWSERS = ('chromium', 'chromium-browser', 'google-chrome')


def executable(playwrights_own: str) -> str:
    """Return the path of the browser, and fail the test where there is none."""
    found = [path for name in _SYSTEM_BROWSERS if (path := shutil.which(name))]
    path = found[0] if found else playwrights_own
    if not Path(path).exists():
        pytest.fail('There is no Chromium here: apt-get install chromium, or playwright install.')
    return path
