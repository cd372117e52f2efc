"""The contenders as Lambda unpacks them: a folder for each, with app.py and what it imports."""

import shutil
from pathlib import Path
from zipfile import ZipFile

from benchmarks.install import install_peer
from ops.deployment.package import build
from ops.stage.stage import load_stage

APPS = Path(__file__).parent / 'contenders'
BARE, THIS_APP, EMPTY_CHALICE = 'bare handler', 'this app', 'empty Chalice app'
POWERTOOLS, FASTAPI = 'Powertools resolver', 'FastAPI and Mangum'
COOKBOOK, BYTE_COPY = "the cookbook's way", 'byte copy'
MCP_SDK, MCP_AWSLABS = 'MCP SDK and Mangum', 'awslabs handler'


def unpack_this_app(folder: Path) -> Path:
    """Package this app; return the folder with what is in its zip."""
    this_app = folder / 'this_app'
    with ZipFile(build(load_stage('dev'), folder)) as archive:
        archive.extractall(this_app)
    return this_app


def unpack_for_calls(folder: Path, this_app: Path) -> dict[str, Path]:
    """Install and unpack whatever answers the same call; return the folder of each by its name."""
    empty_chalice = folder / 'empty_chalice'
    shutil.copytree(this_app / 'chalice', empty_chalice / 'chalice')
    return {
        BARE: _with_app(folder / 'bare', 'bare_handler'),
        THIS_APP: this_app,
        EMPTY_CHALICE: _with_app(empty_chalice, 'empty_chalice'),
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


def _with_app(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    shutil.copyfile(APPS / f'{name}.py', folder / 'app.py')
    return folder
