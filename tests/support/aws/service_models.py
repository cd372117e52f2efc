"""boto3's models of the services, which every session would read and parse again.

That takes a session longer than most tests' calls take. The sessions of a process share them here.
"""

from functools import cache
from typing import Any
from unittest import mock

from botocore.loaders import JSONFileLoader, Loader

_load_file = JSONFileLoader.load_file
_list_services = Loader.list_available_services
_lists: dict[tuple[str, ...], Any] = {}


def share() -> None:
    """Let every session from now on take what another has read."""
    mock.patch.object(JSONFileLoader, 'load_file', lambda _, path: _read(path)).start()
    mock.patch.object(Loader, 'list_available_services', _list).start()


@cache
def _read(path: str) -> Any:
    return _load_file(JSONFileLoader(), path)


def _list(loader: Loader, type_name: str) -> Any:
    key = (type_name, *loader.search_paths)
    if key not in _lists:
        _lists[key] = _list_services(loader, type_name)
    return _lists[key]
