"""The character set is what the text says, UTF-8, or the likeliest."""
# ruff: noqa: RUF001 - texts in several scripts, some letters of which look alike

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents import charset

LEGACY_TEXTS = {
    'French': ('cp1252', "Les élèves étaient à l'école, où ça va; prix: 12 € «tout compris».\n"),
    'German table': ('cp1252', 'Straße;Größe;Preis\nMüllerstraße 5;groß;12 €\nÄußere 7;klein;7\n'),
    'Spanish': ('cp1252', 'El niño comió una manzana. ¿Dónde está la montaña más alta?\n'),
    'Portuguese': ('cp1252', 'Não há informação sobre a situação da educação em São Paulo.\n'),
    'Swedish': ('cp1252', 'Över ån går en väg; höstens löv är röda på åsen.\n'),
    'Italian': ('cp1252', 'Così è più facile: si può fare perché è già lì, però no.\n'),
    'Icelandic': ('cp1252', 'Það er gott að þið komuð; þetta er íslenska.\n'),
    'one accent': ('cp1252', 'name,price\n' * 30 + 'café,3\n'),
    'word apart': ('cp1252', 'vis à vis\n'),
    'English quotes': ('cp1252', 'He said “hello” – and it’s fine.\n'),
    'French in capitals': ('cp1252', 'ÉTÉ À LA PLAGE: GARÇONS, CHÂTEAUX, PÊCHE\n'),
    'Polish': ('cp1250', 'Zażółć gęślą jaźń. Sprawozdanie przyjęte przez spółkę.\n'),
    'Czech': ('cp1250', 'Příliš žluťoučký kůň úpěl ďábelské ódy.\n'),
    'Russian': ('cp1251', 'Отчёт о продажах за год принят без замечаний.\n'),
    'Russian of Unix': ('koi8-r', 'Отчёт о продажах за год принят без замечаний.\n'),
    'Greek': ('cp1253', 'Η έκθεση για το έτος εγκρίθηκε από το συμβούλιο.\n'),
    'Japanese': ('cp932', 'これは日本語の文書です。商品の価格を確認します。\n'),
    'Japanese table': ('cp932', '顧客,都市\n田中太郎,東京都\n鈴木花子,大阪府\n'),
    'Japanese of Unix': ('euc_jp', 'これは日本語の文書です。商品の価格を確認します。\n'),
    'Chinese': ('gb18030', '这是一个中文文本。年度销售报告已经由董事会批准。\n'),
    'Chinese table': ('gb18030', '客户,城市\n张伟,北京\n王芳,上海\n李娜,广州\n'),
    'Chinese of Taiwan': ('big5', '這是一個中文文本。年度銷售報告已經由董事會批准。\n'),
    'Korean': ('cp949', '이것은 한국어 문서입니다. 고객의 도시를 확인합니다.\n'),
}


@pytest.mark.parametrize('copies', [1, 40])
@pytest.mark.parametrize(('name', 'text'), LEGACY_TEXTS.values(), ids=LEGACY_TEXTS)
def test_legacy_text_is_recognised(name: str, text: str, copies: int) -> None:
    encoded = (text * copies).encode(name)

    assert encoded.decode(charset.detect(encoded)) == text * copies


@given(st.text(st.characters(codec='utf-8')))
def test_utf_8_is_recognised(text: str) -> None:
    if not text.encode().startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert charset.detect(text.encode()) == 'utf-8'


def test_utf_8_is_recognised_when_the_head_ends_within_a_character() -> None:
    assert charset.detect('Größe 報告'.encode()[:-1], is_whole=False) == 'utf-8'


def test_utf_8_with_a_few_broken_bytes_is_still_utf_8() -> None:
    assert charset.detect('Größe'.encode() * 20 + b'\xff') == 'utf-8'


@pytest.mark.parametrize(
    ('head', 'declared', 'expected'),
    [
        (codecs.BOM_UTF8 + b'a', 'cp1251', 'utf-8'),
        (codecs.BOM_UTF16_LE + b'a\0', None, 'utf-16'),
        (codecs.BOM_UTF16_BE + b'\0a', None, 'utf-16'),
        (codecs.BOM_UTF32_LE + b'a\0\0\0', None, 'utf-32'),
        (codecs.BOM_UTF32_BE + b'\0\0\0a', None, 'utf-32'),
        (b'\xe9', 'ISO-8859-1', 'cp1252'),
        (b'\xe9', 'Windows-1251', 'cp1251'),
        (b'\x82\xa0', 'Shift_JIS', 'cp932'),
        (b'a\0', 'UTF-16LE', 'utf-16-le'),
        (b'a', 'US-ASCII', 'utf-8'),
        (b'<meta charset="windows-1251">\xe9', None, 'cp1251'),
        (b'<meta http-equiv="x" content="text/html; charset=koi8-r">\xe9', None, 'koi8-r'),
        (b'<?xml version="1.0" encoding="big5"?>\xa4\xa4', None, 'big5'),
        (b'<meta charset="windows-1251">\xe9', 'cp1253', 'cp1253'),
        (b'<meta charset="utf-16">a', None, 'utf-8'),
    ],
)
def test_what_the_text_says_of_itself_is_taken(
    head: bytes, declared: str | None, expected: str
) -> None:
    assert charset.detect(head, declared) == expected


@pytest.mark.parametrize(
    'declared', ['', 'unheard-of', 'rot13', 'hex', 'zip', 'idna', 'utf-7', 'unicode_escape', 'a\0b']
)
def test_unknown_declared_charset_is_passed_over(declared: str) -> None:
    assert charset.detect(b'caf\xe9', declared) == 'cp1252'


@given(st.binary(max_size=300), st.text(max_size=20) | st.none())
def test_any_bytes_have_a_charset_they_can_be_read_in(head: bytes, declared: str | None) -> None:
    assert isinstance(head.decode(charset.detect(head, declared), 'replace'), str)


def test_long_run_beyond_ascii_takes_no_time() -> None:
    """Tried from each of its characters, a run takes time by the square of it."""
    assert charset.detect(b'\xe9' * 300_000, None, is_whole=True)
