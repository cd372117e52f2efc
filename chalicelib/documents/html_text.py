"""HTML reduced to its text, piece by piece as it streams by."""

from html.parser import HTMLParser

# The parser looks at what is not closed again with each piece, and from each "<" at the end:
# what is longer than this is no longer waited for.
MAX_TAG_CHARACTERS = 8_192
_PIECE_CHARACTERS = 4_096
_LONGEST_END_TAG = 16

_SKIPPED = {'script', 'style', 'svg', 'template'}
# What stands between two texts, from the weakest to the strongest, and the tags that ask for it.
_GAPS = {
    '': '',
    ' ': '',
    '\t': 'td th',
    '\n': 'br caption dd div dt figcaption legend li option tr',
    '\n\n': 'address article aside blockquote dl fieldset figure footer form h1 h2 h3 h4 h5 h6 '
    'header hr main nav ol p pre section table title ul',
}
_STRENGTH = list(_GAPS)
_GAP_AT = {tag: gap for gap, tags in _GAPS.items() for tag in tags.split()}


class HtmlText(HTMLParser):
    """Reduce a page to text: a blank line between paragraphs, a line a row, a tab between cells."""

    def __init__(self) -> None:
        super().__init__()
        self._text: list[str] = []
        self._gap = ''
        self._is_empty = True
        self._skipped: str | None = None
        self._preformatted = 0
        self._awaited = ''

    def reduce(self, html: str) -> str:
        """Take the next piece of the page and return the text that has become known."""
        for start in range(0, len(html), _PIECE_CHARACTERS):
            piece = html[start : start + _PIECE_CHARACTERS]
            if self._awaited:
                piece = self._after_awaited(piece)
            self.feed(piece)
            if len(self.rawdata) > MAX_TAG_CHARACTERS:
                self._give_up()
        return self._taken()

    def end(self) -> str:
        """Return what was left at the end of the page."""
        self.close()
        return self._taken()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Begin a paragraph, a line or a cell, or what is not for reading."""
        self._skipped = self._skipped or (tag if tag in _SKIPPED else None)
        self._preformatted += tag == 'pre'
        self._widen(_GAP_AT.get(tag, ''))
        if tag == 'li':
            self._write('- ')

    def handle_endtag(self, tag: str) -> None:
        """End what handle_starttag() began."""
        if tag == self._skipped:
            self._skipped = None
        self._preformatted -= tag == 'pre' and self._preformatted > 0
        self._widen(_GAP_AT.get(tag, ''))

    def handle_data(self, data: str) -> None:
        """Add text, with white space as a browser shows it."""
        if self._skipped:
            return
        if self._preformatted:
            self._write(data)
            return
        words = data.split()
        if data[:1].isspace():
            self._widen(' ')
        if words:
            self._write(' '.join(words))
            if data[-1].isspace():
                self._widen(' ')

    def _after_awaited(self, piece: str) -> str:
        """Return what comes after the end of a tag or comment that was given up."""
        _, found, rest = piece.partition(self._awaited)
        if found:
            self._awaited = ''
        return rest

    def _give_up(self) -> None:
        """Stop waiting for the end of a tag or comment: leave it out. Text is taken as it is."""
        if self.rawdata.startswith('<'):
            self._awaited = '-->' if self.rawdata.startswith('<!--') else '>'
            self.rawdata = ''
        else:
            self.handle_data(self.rawdata[:-_LONGEST_END_TAG])
            self.rawdata = self.rawdata[-_LONGEST_END_TAG:]

    def _widen(self, gap: str) -> None:
        self._gap = max(self._gap, gap, key=_STRENGTH.index)

    def _write(self, text: str) -> None:
        self._text.append(text if self._is_empty else self._gap + text)
        self._gap = ''
        self._is_empty = False

    def _taken(self) -> str:
        taken = ''.join(self._text)
        self._text.clear()
        return taken
