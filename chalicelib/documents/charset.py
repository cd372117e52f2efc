"""The character set of a text: what it says of itself, UTF-8, or else the likeliest one.

The last is a guess by the letters that are common in a language. On the legacy texts of its tests
it errs less than charset-normalizer, which would add 270 kB to what is deployed.
"""

# ruff: noqa: RUF001 - letters of several scripts, some of which look alike

import codecs
import re

UTF_8 = 'utf-8'
# With these, any cut between two bytes is a cut between two characters.
SINGLE_BYTE = frozenset(
    {f'iso8859-{part}' for part in range(2, 17) if part != 12}
    | {f'cp125{page}' for page in range(9)}
    | {'cp437', 'cp850', 'cp866', 'koi8-r', 'koi8-u', 'mac-roman'}
)
# With these, text may hold bytes of 0.
WIDE = frozenset({'utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'utf-32-le', 'utf-32-be'})

# UTF-32 first: the mark of UTF-16 is how the one of UTF-32 begins.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: UTF_8,
    codecs.BOM_UTF32_LE: 'utf-32',
    codecs.BOM_UTF32_BE: 'utf-32',
    codecs.BOM_UTF16_LE: 'utf-16',
    codecs.BOM_UTF16_BE: 'utf-16',
}

_LATIN = frozenset({'cp1252', 'cp1250'})
_KANA = 'のにはをたがでてとしれさいるかもなっうスントルイリアラク、。・ー'
# What is common in the languages that a charset is used for.
_COMMON = {
    'cp1252': 'éèàêçùôîâûëïöüäßáíóúñåøæãõìòðþýÉÖÜÄÅ«»“”’–€·°¿¡',
    'cp1250': 'ąćęłńóśźżáčďéěíňřšťúůýžőűăîâöüäĄĆĘŁŃŚŻČŘŠŽ„”’–€',
    'cp1251': 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОАПСВНИК«»—№',
    'koi8-r': 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОАПСВНИК',
    'cp1253': 'αοιετσνηυρπκμλςωγδχθφβξζψάέήίόύώ',
    'cp932': f'{_KANA}東京都市大阪日本会社株式山田中川',
    'euc_jp': _KANA,
    'gb18030': '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会也对生能用本年产品。、',
    'big5': '的一是不了在人有我他這個們中來上大為和國地到以說時要就出會也對生能用本年產品。、',
    'cp949': '이다는에의가을를하고은지로한기사도어리나자해서인대시스정전그위일',
}

_STANDS_FOR = {'ascii': UTF_8, 'iso8859-1': 'cp1252', 'shift_jis': 'cp932', 'gb2312': 'gb18030'}
_SUPPORTED = {UTF_8, 'gbk', 'euc_kr', *SINGLE_BYTE, *WIDE, *_COMMON}


def detect(head: bytes, declared: str | None = None, *, is_whole: bool = True) -> str:
    """Return Python's name of the charset of a text that begins with ``head``.

    ``declared`` is what the text's Content-Type says; a charset unknown to Python is passed over.
    Unless it is the whole text, ``head`` may end within a character.
    """
    for mark, charset in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return charset
    return _known(declared) or _known(_declared_within(head)) or _likeliest(head, is_whole)


def _declared_within(head: bytes) -> str | None:
    """Return the charset that an HTML or XML document names in its first kilobyte."""
    found = re.search(rb'<[^>]+?\b(?:charset|encoding)\s*=\s*["\']?([\w.:-]{2,40})', head[:1024])
    name = found[1].decode('ascii', 'replace') if found else ''
    # Were it two bytes a character, the declaration could not have been found.
    return None if _known(name) in WIDE else name


def _known(name: str | None) -> str | None:
    try:
        charset = codecs.lookup(name or '').name
    except (LookupError, ValueError):
        return None
    # Browsers read ASCII and Latin-1 as more than they are: https://encoding.spec.whatwg.org/
    charset = _STANDS_FOR.get(charset, charset)
    return charset if charset in _SUPPORTED else None


def _likeliest(head: bytes, is_whole: bool) -> str:
    text = codecs.getincrementaldecoder(UTF_8)('replace').decode(head, is_whole)
    broken = text.count('\ufffd')
    if not broken or sum(c > '\x7f' for c in text) > 10 * broken:
        return UTF_8
    scores = {charset: _score(head, charset, is_whole) for charset in _COMMON}
    # Of equals the first: what is no language at all is Western, too.
    return max(scores, key=lambda charset: scores[charset])


def _score(head: bytes, charset: str, is_whole: bool) -> float:
    """Return the share of common letters among what is not ASCII, 0 where it can't be decoded."""
    try:
        text = codecs.getincrementaldecoder(charset)().decode(head, is_whole)
    except UnicodeDecodeError:
        return 0
    beyond_ascii = sum(c > '\x7f' for c in text)
    if charset not in _LATIN:
        # Nobody writes two scripts in one word.
        text = re.sub(r'[A-Za-z][^\x00-\x7f]+|(?<![^\x00-\x7f])[^\x00-\x7f]++[A-Za-z]', '', text)
    share = sum(c in _COMMON[charset] for c in text) / max(beyond_ascii, 1)
    # A handful of several thousand characters says more than a third of the upper 128.
    return share if charset in SINGLE_BYTE else 10 * share
