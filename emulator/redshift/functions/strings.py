"""String functions."""

from sqlglot import exp

from emulator.redshift.functions.becomes import call, first, macro, renamed, rule, same
from emulator.redshift.functions.refused import SqlError

_LENGTH = """
    (x BLOB) AS octet_length(x)::INTEGER,
    (x VARCHAR) AS length(x)::INTEGER,
    (x) AS length(x)::INTEGER
"""
# What is not a text is one where these want one.
_POSITION = '(part, x) AS strpos(x::VARCHAR, part)::INTEGER'
_REPEAT = '(x, n) AS repeat(x::VARCHAR, n)'
_TRIM = '(x) AS {0}(x::VARCHAR), (x, characters) AS {0}(x::VARCHAR, characters)'
_COMPARE = """
    (a, b) AS CASE WHEN rtrim(a, ' ') < rtrim(b, ' ') THEN -1
        WHEN rtrim(a, ' ') > rtrim(b, ' ') THEN 1
        WHEN rtrim(a, ' ') = rtrim(b, ' ') THEN 0 END
"""
_PAD = """
    (x, n) AS {0}(x, greatest(n, 0)::INTEGER, ' '),
    (x, n, fill) AS CASE WHEN fill = '' THEN left(x, greatest(n, 0))
        ELSE {0}(x, greatest(n, 0)::INTEGER, fill) END
"""
# A start before the first character counts, though there is nothing: it shortens what is taken.
_SUBSTRING = """
    (x BLOB, start) AS from_hex(substring(hex(x), 2 * greatest(start, 1) - 1)),
    (x, start) AS substring(x::VARCHAR, greatest(start, 1)),
    (x BLOB, start, n) AS from_hex(substring(
        hex(x), 2 * greatest(start, 1) - 1, 2 * greatest(n + least(start, 1) - 1, 0)
    )),
    (x, start, n) AS CASE WHEN n < 0 THEN error('negative substring length not allowed') ELSE
        substring(x::VARCHAR, greatest(start, 1), greatest(n + least(start, 1) - 1, 0)) END
"""
_SOUNDEX_CODES = "translate({0}, 'BFPVCGJKQSXZDTLMNRAEIOUYHW', '111122222222334556       ')"
_SOUNDEX_LETTERS = "regexp_replace(upper(x), '[^A-Z]', '', 'g')"
# H and W do not part letters of one code, vowels do.
_SOUNDEX = f"""
    (x) AS CASE WHEN {_SOUNDEX_LETTERS} = '' THEN '' ELSE
        {_SOUNDEX_LETTERS}[1] || left(replace(substring(list_reduce(
            list_prepend('', string_split(
                {
    _SOUNDEX_CODES.format(
        f"({_SOUNDEX_LETTERS})[1] || replace(replace(({_SOUNDEX_LETTERS})[2:], 'H', ''), 'W', '')"
    )
}, ''
            )),
            lambda said, code: CASE WHEN right(said, 1) = code THEN said ELSE said || code END
        ), CASE WHEN {_SOUNDEX_LETTERS}[1] IN ('H', 'W') THEN 1 ELSE 2 END), ' ', '')
        || '000', 3) END
"""
STRING_MACROS = {'redshift_soundex': _SOUNDEX}
_DIFFERENCE = """
    (a, b) AS list_sum(list_transform([1, 2, 3, 4], lambda i:
        (redshift_soundex(a)[i] = redshift_soundex(b)[i])::INTEGER))::INTEGER
"""
_INITCAP = r"""
    (x) AS array_to_string(list_transform(
        regexp_extract_all(lower(x), '[\pL\pN]+|[^\pL\pN]+'),
        lambda word: upper(word[1]) || word[2:]
    ), '')
"""
_STRTOL_DIGITS = "regexp_replace(lower(trim(x)), '^([+-]?)(0x)?', '')"
_STRTOL = f"""
    (x, base) AS CASE
        WHEN base NOT BETWEEN 2 AND 36 THEN error('The base must be between 2 and 36')
        WHEN regexp_matches(lower(trim(x)), '[^0-9a-z+-]')
            OR list_bool_or(list_transform(string_split({_STRTOL_DIGITS}, ''),
                lambda c: strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) > base))
        THEN error('Invalid digit, Value ''' || x || ''', Type: Integer')
        ELSE list_reduce(
            list_prepend(0::BIGINT, list_transform(string_split({_STRTOL_DIGITS}, ''),
                lambda c: strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1)),
            lambda sum, digit: sum * base + digit
        ) * CASE WHEN starts_with(trim(x), '-') THEN -1 ELSE 1 END
    END
"""
# CRC-32C, by its polynomial.
_CRC32_STEP = """
    CASE WHEN c & 1 = 1 THEN xor(c >> 1, 2197175160) ELSE c >> 1 END
"""
_CRC32 = f"""
    (x) AS lower(printf('%08x', xor(4294967295, list_reduce(
        list_prepend(4294967295::BIGINT, list_transform(
            range(strlen(x)), lambda i: ('0x' || substring(hex(x::BLOB), 2 * i + 1, 2))::BIGINT)),
        lambda crc, byte: list_reduce(
            [xor(crc, byte), 0, 0, 0, 0, 0, 0, 0, 0], lambda c, step: {_CRC32_STEP})
    ))))
"""


def _collate(node: exp.Anonymous) -> exp.Expr:
    value: exp.Expr
    how: exp.Expr
    value, how = node.expressions
    if how.name.lower() in ('case_insensitive', 'ci'):
        return exp.Paren(this=exp.Collate(this=value, expression=exp.var('NOCASE')))
    if how.name.lower() in ('case_sensitive', 'cs'):
        return value
    raise SqlError(f'ERROR: Unsupported collation "{how.name}"')


def _concat(node: exp.Anonymous) -> exp.Expr:
    """DuckDB's concat skips NULL, Redshift's is NULL then."""
    return call('redshift_join', *node.expressions)


STRINGS = {
    'ascii': same('int4'),
    'bpcharcmp': macro(_COMPARE, 'int4'),
    'btrim': macro(_TRIM.format('trim'), 'varchar'),
    'bttext_pattern_cmp': macro(_COMPARE, 'int4'),
    'char_length': macro(_LENGTH, 'int4'),
    'character_length': macro(_LENGTH, 'int4'),
    'charindex': macro(_POSITION, 'int4'),
    'chr': same('varchar'),
    'collate': rule(_collate, first),
    'concat': rule(_concat, 'varchar'),
    'crc32': macro(_CRC32, 'varchar'),
    'difference': macro(_DIFFERENCE, 'int4'),
    'initcap': macro(_INITCAP, 'varchar'),
    'left': same('varchar'),
    'len': macro(_LENGTH, 'int4'),
    'length': macro(_LENGTH, 'int4'),
    'lower': same('varchar'),
    'lpad': macro(_PAD.format('lpad'), 'varchar'),
    'ltrim': macro(_TRIM.format('ltrim'), 'varchar'),
    'octet_length': macro(
        '(x BLOB) AS octet_length(x)::INTEGER, (x) AS strlen(x)::INTEGER', 'int4'
    ),
    'octetindex': macro(
        '(part, x) AS CASE strpos(x, part) WHEN 0 THEN 0 '
        'ELSE strlen(left(x, strpos(x, part) - 1)) + 1 END::INTEGER',
        'int4',
    ),
    'position': macro(_POSITION, 'int4'),
    'quote_ident': macro(
        "(x) AS CASE WHEN regexp_full_match(x, '[a-z_][a-z0-9_$]*') THEN x "
        "ELSE '\"' || replace(x, '\"', '\"\"') || '\"' END",
        'varchar',
    ),
    'quote_literal': macro(
        "(x) AS '''' || replace(replace(x::VARCHAR, '\\', '\\\\'), '''', '''''') || ''''", 'varchar'
    ),
    'repeat': macro(_REPEAT, 'varchar'),
    'replace': same('varchar'),
    'replicate': macro(_REPEAT, 'varchar'),
    'reverse': macro('(x) AS reverse(x::VARCHAR)', 'varchar'),
    'right': same('varchar'),
    'rpad': macro(_PAD.format('rpad'), 'varchar'),
    'rtrim': macro(_TRIM.format('rtrim'), 'varchar'),
    'soundex': renamed('redshift_soundex', 'varchar'),
    'split_part': macro(
        "(x, separator, n) AS CASE WHEN n < 1 THEN error('field position must be greater than "
        "zero') ELSE split_part(x::VARCHAR, separator, n::INTEGER) END",
        'varchar',
    ),
    'strpos': macro('(x, part) AS strpos(x::VARCHAR, part)::INTEGER', 'int4'),
    'strtol': macro(_STRTOL, 'int8'),
    'substr': macro(_SUBSTRING, 'varchar'),
    'substring': macro(_SUBSTRING, 'varchar'),
    'textlen': macro(_LENGTH, 'int4'),
    'to_ascii': macro("(x) AS regexp_replace(x, '[^\\x00-\\x7F]', '', 'g')", 'varchar'),
    'translate': same('varchar'),
    'trim': renamed('trim', 'varchar'),
    'upper': same('varchar'),
}
