"""The words, names, texts and signs that a statement is made of.

What two readers could read in two ways, such as a backslash before a quote, is refused: Redshift
gets the text as it is, and must read in it what was checked here.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

# No possessive groups: Python before 3.11.5 finds too little for them. Each alternative begins with
# another character, and repeats what its neighbours can't match: there is nothing to try twice.
_TOKEN = re.compile(
    r"""
      (?P<skipped> [ \t\r\n]+ | --[^\r\n]* | /\*[^*/]*(?:(?:\*(?!/)|/(?!\*))[^*/]*)*\*/ )
    | (?P<text> '[^'\\]*(?:(?:''|\\[^'])[^'\\]*)*'(?!') )
    | (?P<name> "[^"]*(?:""[^"]*)*"(?!") )
    | (?P<word> (?![uU]&["'])\w+ )
    | (?P<sign> [;+*<>=~!@\#%^&|?.,:()\[\]] | -(?!-) | /(?!\*) )
    """,
    re.VERBOSE,
)
_CONTROL_CHARACTER = re.compile(r'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')


class NotUnderstood(Exception):
    """A statement can't be read, or not in one way only; the message says what is wrong."""


class Token(NamedTuple):
    """A piece of a statement: a ``word``, a quoted ``name``, a ``text`` or a ``sign``.

    ``word`` is the word in capitals, or the sign, and empty for what stands in quotes.
    """

    kind: str
    text: str
    start: int
    word: str

    @property
    def name(self) -> str:
        """What is named, as Redshift folds it: names in quotes too, and ASCII letters only."""
        name = self.text[1:-1].replace('""', '"') if self.kind == 'name' else self.text
        return re.sub('[A-Z]+', lambda letters: letters[0].lower(), name)


def read(sql: str) -> Iterator[Token]:
    """Yield what a statement is made of, without its spaces and comments.

    Raises NotUnderstood for what can be read in more than one way.
    """
    if _CONTROL_CHARACTER.search(sql):
        raise NotUnderstood('A control character is not allowed')
    position = 0
    while position < len(sql):
        token = _TOKEN.match(sql, position)
        if token is None:
            raise NotUnderstood(
                f'`{sql[position : position + 20]}` can be read in more than one way. Write a '
                "quote within a text as '', close every text, name and comment, and use no $, `, "
                '{, }, \\, U& or comment within a comment outside of a text'
            )
        if token.lastgroup not in (None, 'skipped'):
            text = token[0]
            # Redshift folds ASCII letters only: a long s is no S.
            word = '' if text[0] in '\'"' else text.upper() if text.isascii() else text
            yield Token(str(token.lastgroup), text, position, word)
        position = token.end()
