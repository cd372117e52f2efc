"""The Chromium that the tests drive: the one that `make test` installs, or this machine's."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from bootstrap import chromium

_OPTIONS = [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
]
_OF_THIS_MACHINE = (
    *('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
)


def launch_options(playwrights_own: str) -> dict[str, Any]:
    """Return what Playwright starts the browser with, and skip the test where there is none."""
    if chromium.PROGRAM.exists():
        environment = os.environ | chromium.ENVIRONMENT
        return {'executable_path': chromium.PROGRAM, 'env': environment, 'args': _OPTIONS}
    found = [path for name in _OF_THIS_MACHINE if (path := shutil.which(name))]
    path = found[0] if found else playwrights_own
    if not Path(path).exists():
        pytest.skip('no Chrome or Chromium is installed, and npm has none for this machine')
    return {'executable_path': path, 'args': _OPTIONS}
