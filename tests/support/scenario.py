"""A call of an operation with sample arguments, on the sample data of the stage local.

The tests of an operation name it: SCENARIOS = {'getGreeting': Scenario({'language': 'fr'})}. It is
run over HTTP and MCP, by every client, and its AWS calls are held against the function's policy.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

Answer = dict[str, Any]
Answers = Mapping[str, Answer]

_TESTS = Path(__file__).parent.parent


def _nothing() -> None:
    pass


class Scenario(NamedTuple):
    """What is asked, and what comes of it.

    ``arguments`` may be made of the answers to the scenarios before it. ``answers`` is a part of
    the answer; ``refused`` is a part of the message instead, which comes with ``status``. ``more``
    takes the operation's other paths, as Jane over HTTP. ``files`` begin as the files of the answer
    do, by name.
    """

    arguments: Mapping[str, Any] | Callable[[Answers], Mapping[str, Any]] = MappingProxyType({})
    answers: Mapping[str, Any] = MappingProxyType({})
    refused: str = ''
    status: int = 422
    files: Mapping[str, bytes] = MappingProxyType({})
    more: Callable[[], None] = _nothing

    def given(self, seen: Answers) -> dict[str, Any]:
        """Return the arguments, after these answers to the scenarios before."""
        return dict(self.arguments(seen) if callable(self.arguments) else self.arguments)

    def check(self, answer: Answer) -> None:
        """Check an answer."""
        assert {name: answer[name] for name in self.answers} == self.answers


def _modules() -> list[Any]:
    """Return the test modules that name scenarios, or what these need."""
    files = [file for file in sorted(_TESTS.rglob('*.py')) if '\nSCENARIOS' in file.read_text()]
    names = ['.'.join(file.relative_to(_TESTS.parent).with_suffix('').parts) for file in files]
    return [import_module(name) for name in names]


def every() -> dict[str, Scenario]:
    """Return the scenario of each operation, in an order in which each finds what it needs."""
    return {name: each for module in _modules() for name, each in module.SCENARIOS.items()}


def variants() -> dict[str, dict[str, str]]:
    """Return stages by what is special of them: the settings that differ from the stage local."""
    return {
        name: settings
        for module in _modules()
        for name, settings in getattr(module, 'VARIANTS', {}).items()
    }


def prepare(settings: Mapping[str, str]) -> None:
    """Make what scenarios need beside the sample data, in the emulator."""
    for module in _modules():
        getattr(module, 'prepare', lambda _: None)(settings)
