"""The Chromium that npm has for Linux on x86_64: made for Lambda, so it brings its libraries."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent / '.cache' / 'chromium'
PROGRAM = FOLDER / 'chromium'
# It is told where its libraries and its one font are.
ENVIRONMENT = {
    'LD_LIBRARY_PATH': str(FOLDER / 'al2023' / 'lib'),
    'FONTCONFIG_FILE': str(FOLDER / 'fonts.conf'),
}

_UNPACK = "await (await import('@sparticuz/chromium')).default.executablePath()"
_FONTS = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{FOLDER}/fonts/fonts</dir>
  <cachedir>{FOLDER}/fonts-cache</cachedir>
</fontconfig>
"""


def install(node: Path, packages: Path) -> None:
    """Unpack it from the package that npm has installed, where it is for this machine."""
    if (sys.platform, platform.machine()) != ('linux', 'x86_64'):
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    # The package unpacks into the temporary folder, and its libraries in Lambda only.
    asked = {'TMPDIR': str(FOLDER), 'AWS_EXECUTION_ENV': 'AWS_Lambda_nodejs24.x'}
    subprocess.run(
        [node, '--input-type=module', '--eval', _UNPACK],
        cwd=packages,
        env=os.environ | asked,
        check=True,
    )
    (FOLDER / 'fonts.conf').write_text(_FONTS)
