"""The contenders as Lambda unpacks them: a folder for each, with app.py and what it imports."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from benchmarks.install import install_peer
from ops.deployment.package import build
from ops.stage.stage import LOCAL, enter_stage

APPS = Path(__file__).parent / 'contenders'
BARE, THIS_APP, EMPTY_CHALICE = 'bare handler', 'this app', 'empty Chalice app'
POWERTOOLS, FASTAPI = 'Powertools resolver', 'FastAPI and Mangum'
COOKBOOK, BYTE_COPY = "the cookbook's way", 'byte copy'
MCP_SDK, MCP_AWSLABS = 'MCP SDK and Mangum', 'awslabs handler'


def unpack_this_app(folder: Path) -> Path:
    """Package this app; return the folder with what is in its zip."""
    # The one stage whose runtime is the Python that runs this, whatever the others' settings say.
    return _unpacked(build(enter_stage(LOCAL), folder), folder / 'this_app')


def unpack_for_calls(folder: Path, this_app: Path) -> dict[str, Path]:
    """Install and unpack whatever answers the same call; return the folder of each by its name."""
    return {
        BARE: _with_app(folder / 'bare', 'bare_handler'),
        THIS_APP: this_app,
        EMPTY_CHALICE: _unpack_empty_chalice(folder / 'empty_chalice'),
        POWERTOOLS: _with_app(install_peer('powertools'), 'powertools_resolver'),
        FASTAPI: _with_app(install_peer('fastapi'), 'fastapi_mangum'),
    }


def unpack_for_sql(folder: Path, this_app: Path) -> dict[str, Path]:
    """Unpack whatever moves the result of a statement; return the folder of each by its name."""
    return {
        THIS_APP: this_app,
        COOKBOOK: _with_app(folder / 'cookbook', 'cookbook_sql'),
        BYTE_COPY: _with_app(folder / 'byte_copy', 'byte_copy'),
    }


def unpack_for_mcp(this_app: Path) -> dict[str, Path]:
    """Install and unpack whatever serves MCP; return the folder of each by its name."""
    return {
        THIS_APP: this_app,
        MCP_SDK: _with_app(install_peer('mcp-sdk'), 'mcp_sdk'),
        MCP_AWSLABS: _with_app(install_peer('mcp-awslabs'), 'mcp_awslabs'),
    }


def _unpack_empty_chalice(folder: Path) -> Path:
    """Package an app as plain Chalice does."""
    _with_app(folder, 'empty_chalice')
    (folder / '.chalice').mkdir()
    (folder / '.chalice' / 'config.json').write_text('{"version": "2.0", "app_name": "empty"}')
    chalice = Path(sys.executable).with_name('chalice')
    subprocess.run(
        [chalice, 'package', 'out'],
        cwd=folder,
        env={**os.environ, 'AWS_DEFAULT_REGION': 'us-east-1'},
        capture_output=True,
        check=True,
    )
    return _unpacked(folder / 'out' / 'deployment.zip', folder / 'unpacked')


def _unpacked(archive: Path, folder: Path) -> Path:
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder


def _with_app(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    shutil.copyfile(APPS / f'{name}.py', folder / 'app.py')
    return folder
