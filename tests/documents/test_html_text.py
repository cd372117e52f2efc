"""HTML is reduced to what a reader sees of it, however it comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents.html_text import MAX_TAG_CHARACTERS, HtmlText

PAGE = """<!DOCTYPE html>
<html><head><title>Travel  policy</title><style>p { color: red }</style>
<script>if (1 < 2) document.write('<p>no</p>')</script></head>
<body><!-- not this --><h1>Who may travel</h1>
<p>Everybody, <b>if</b> the trip is
   approved&nbsp;by R&amp;D.</p><p>Ask first.</p>
<ul><li>By train</li><li>By <a href="x">bus</a></li></ul>
<table><tr><th>City</th><th>Limit</th></tr><tr><td>Paris</td><td>180&euro;</td></tr></table>
<pre>a  b
 c</pre><template>hidden</template><svg><text>drawn</text></svg>End</body></html>"""

TEXT = """Travel policy

Who may travel

Everybody, if the trip is approved by R&D.

Ask first.

- By train
- By bus

City\tLimit
Paris\t180€

a  b
 c

End"""


def reduce(html: str, piece: int) -> str:
    """Return the text of a page that comes in pieces."""
    page = HtmlText()
    pieces = [html[at : at + piece] for at in range(0, len(html), piece)]
    return ''.join(page.reduce(p) for p in pieces) + page.end()


@pytest.mark.parametrize('piece', [1, 7, 64, 10_000])
def test_page_is_reduced_to_its_text_in_any_pieces(piece: int) -> None:
    assert reduce(PAGE, piece) == TEXT


@pytest.mark.parametrize(
    ('html', 'text'),
    [
        ('', ''),
        ('  \n ', ''),
        ('plain', 'plain'),
        ('a<br>b<br/><br/>c', 'a\nb\nc'),
        ('one<span> two</span>', 'one two'),
        ('one<span>two</span>', 'onetwo'),
        ('<p>not closed<p>either', 'not closed\n\neither'),
        ('1 < 2 &lt; 3', '1 < 2 < 3'),
        ('a</script>b', 'ab'),
        ('a<script>never closed', 'a'),
        ('a</pre></pre>b  c', 'a\n\nb c'),
        ('&#0;&#xD800;&#x110000;', '\ufffd\ufffd\ufffd'),
        ('<p title="a>b">c</p>', 'c'),
    ],
)
def test_broken_html_is_read_as_far_as_it_goes(html: str, text: str) -> None:
    assert reduce(html, 10_000) == text


@given(st.text(st.sampled_from('<>/&;!-= \n"ab') | st.characters(codec='utf-8')), st.integers(1, 9))
def test_any_text_is_taken_for_html(html: str, piece: int) -> None:
    assert isinstance(reduce(html, piece), str)


def test_tag_that_never_ends_does_not_pile_up() -> None:
    page = HtmlText()
    for _ in range(40):
        page.reduce('<a ' + 'x' * 100_000)

    assert len(page.rawdata) <= MAX_TAG_CHARACTERS


@pytest.mark.parametrize(
    'opener', ['<a ', '<!--', '<', '</', '<![CDATA[', '<?', '<!x', '<a b="', '&']
)
def test_what_is_opened_and_never_closed_takes_no_time(opener: str) -> None:
    """The parser alone takes time by the square of it: minutes for these."""
    page = HtmlText()
    text = ''.join(page.reduce(opener * 1_000) for _ in range(100)) + page.end()

    assert len(text) <= len(opener) * 100_000


def test_text_goes_on_after_a_tag_that_was_given_up() -> None:
    page = HtmlText()
    image = f'<p>before<img src="data:{"x" * 50_000}">after</p><!--{"y" * 50_000}-->end'

    assert page.reduce(image) + page.end() == 'beforeafter\n\nend'
