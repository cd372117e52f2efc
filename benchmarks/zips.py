"""The contenders as Lambda unpacks them: a folder for each, with app.py and what it imports."""

import shutil
from pathlib import Path
from zipfile import ZipFile

from benchmarks.install import install_peer
from ops.package import build
from ops.stage import load_stage

APPS = Path(__file__).parent / 'contenders'
BARE, THIS_APP, EMPTY_CHALICE = 'bare handler', 'this app', 'empty Chalice app'
POWERTOOLS, FASTAPI = 'Powertools resolver', 'FastAPI and Mangum'


def unpack_all(folder: Path) -> dict[str, Path]:
    """Package, install and unpack every contender; return the folder of each by its name."""
    this_app = folder / 'this_app'
    with ZipFile(build(load_stage('dev'), folder)) as archive:
        archive.extractall(this_app)
    empty_chalice = folder / 'empty_chalice'
    shutil.copytree(this_app / 'chalice', empty_chalice / 'chalice')
    return {
        BARE: _with_app(folder / 'bare', 'bare_handler'),
        THIS_APP: this_app,
        EMPTY_CHALICE: _with_app(empty_chalice, 'empty_chalice'),
        POWERTOOLS: _with_app(install_peer('powertools'), 'powertools_resolver'),
        FASTAPI: _with_app(install_peer('fastapi'), 'fastapi_mangum'),
    }


def _with_app(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    shutil.copyfile(APPS / f'{name}.py', folder / 'app.py')
    return folder
