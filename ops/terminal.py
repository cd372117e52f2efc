"""What a terminal may be given, and what the person at it is asked."""

import json
import os
import re
import sys

import click

# A terminal obeys these, and half a surrogate pair can't be encoded.
_CONTROLS = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]')


def printable(text: str) -> str:
    """Return text with its control characters, but for line ends and tabs, escaped as in JSON."""
    return _CONTROLS.sub(lambda found: json.dumps(found[0])[1:-1], text)


def is_plain() -> bool:
    """Tell whether standard output is to have no colours, and to go on line by line."""
    wishes = os.environ.get('NO_COLOR') or os.environ.get('TERM') == 'dumb'
    return bool(wishes) or not sys.stdout.isatty()


def confirm(question: str) -> None:
    """Ask, where --yes was not given; raises click.Abort if the answer is not yes."""
    try:
        may_go_on = click.confirm(question)
    except click.Abort:  # Ctrl-C, or the end of the input
        click.echo(err=True)
        if not sys.stdin.isatty():
            click.echo('Nobody is there to answer: pass --yes.', err=True)
        raise
    if not may_go_on:
        raise click.Abort
