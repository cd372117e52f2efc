"""TO_CHAR, TO_DATE, TO_TIMESTAMP and TO_NUMBER: a picture becomes calls of DuckDB's functions.

https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from emulator.redshift.functions.becomes import call
from emulator.redshift.functions.number_pictures import NUMBER_MACROS, number_text
from emulator.redshift.functions.refused import SqlError
from emulator.redshift.functions.types import SqlType

# What is written of a moment ``m``, and with how many digits.
_DIGITS = {
    'YYYY': ('year(m)', 4),
    'YYY': ('year(m) % 1000', 3),
    'YY': ('year(m) % 100', 2),
    'Y': ('year(m) % 10', 1),
    'IYYY': ('isoyear(m)', 4),
    'IYY': ('isoyear(m) % 1000', 3),
    'IY': ('isoyear(m) % 100', 2),
    'I': ('isoyear(m) % 10', 1),
    'CC': ("date_part('century', m)", 2),
    'Q': ('quarter(m)', 1),
    'MM': ('month(m)', 2),
    'WW': ('((dayofyear(m) - 1) // 7 + 1)', 2),
    'W': ('((day(m) - 1) // 7 + 1)', 1),
    'IW': ('week(m)', 2),
    'DDD': ('dayofyear(m)', 3),
    'DD': ('day(m)', 2),
    'D': ('(dayofweek(m) + 1)', 1),
    'ID': ('isodow(m)', 1),
    'J': ('floor(julian(m))::BIGINT', 7),
    'HH24': ('hour(m)', 2),
    'HH12': ('((hour(m) + 11) % 12 + 1)', 2),
    'HH': ('((hour(m) + 11) % 12 + 1)', 2),
    'MI': ('minute(m)', 2),
    'SSSS': ('(hour(m) * 3600 + minute(m) * 60 + second(m))', 1),
    'SS': ('second(m)', 2),
    'MS': ("(date_part('milliseconds', m) % 1000)", 3),
    'US': ("(date_part('microseconds', m) % 1000000)", 6),
}
_HALF = "CASE WHEN hour(m) < 12 THEN '{}' ELSE '{}' END"
_ERA = "CASE WHEN year(m) > 0 THEN '{}' ELSE '{}' END"
_ROMAN = "['I','II','III','IV','V','VI','VII','VIII','IX','X','XI','XII'][month(m)]"
# Words, and how wide they are made.
_WORDS = {
    'MONTH': ('monthname(m)', 9),
    'MON': ('left(monthname(m), 3)', 0),
    'DAY': ('dayname(m)', 9),
    'DY': ('left(dayname(m), 3)', 0),
    'RM': (_ROMAN, 4),
    'A.M.': (_HALF.format('A.M.', 'P.M.'), 0),
    'P.M.': (_HALF.format('A.M.', 'P.M.'), 0),
    'AM': (_HALF.format('AM', 'PM'), 0),
    'PM': (_HALF.format('AM', 'PM'), 0),
    'B.C.': (_ERA.format('A.D.', 'B.C.'), 0),
    'A.D.': (_ERA.format('A.D.', 'B.C.'), 0),
    'BC': (_ERA.format('AD', 'BC'), 0),
    'AD': (_ERA.format('AD', 'BC'), 0),
    'TZ': ("'UTC'", 0),
    'OF': ("'+00'", 0),
}
_ITEM = re.compile(
    r'(?P<fill>FM)?(?P<item>{})(?P<ordinal>TH)?|"(?P<quoted>[^"]*)"|(?P<other>.)'.format(
        '|'.join(re.escape(key) for key in sorted({**_DIGITS, **_WORDS}, key=len, reverse=True))
    ),
    re.IGNORECASE | re.DOTALL,
)


def _macro_name(item: str) -> str:
    return f'redshift_picture_{item.lower().replace(".", "_")}'


PICTURE_MACROS = {
    **{
        _macro_name(item): f'(m) AS {text}'
        for item, (text, _) in (*_DIGITS.items(), *_WORDS.items())
    },
    'redshift_ordinal': """
        (n) AS CASE WHEN n % 100 IN (11, 12, 13) THEN 'th' ELSE
            CASE n % 10 WHEN 1 THEN 'st' WHEN 2 THEN 'nd' WHEN 3 THEN 'rd' ELSE 'th' END END
    """,
    'redshift_found': """
        (x, pattern, n) AS CASE WHEN regexp_matches(x, pattern) THEN regexp_extract(x, pattern, n)
            ELSE error('Invalid value "' || x || '" for this format') END
    """,
    'redshift_month_named': """
        (name) AS CASE (strpos('janfebmaraprmayjunjulaugsepoctnovdec', lower(left(name, 3))) + 2)
            // 3 WHEN 0 THEN error('Invalid value "' || name || '" for a month')
            ELSE (strpos('janfebmaraprmayjunjulaugsepoctnovdec', lower(left(name, 3))) + 2) // 3 END
    """,
    'redshift_short_year': '(y) AS CASE WHEN y < 70 THEN 2000 + y ELSE 1900 + y END',
    'redshift_hour_of_day': """
        (hour, half) AS CASE WHEN lower(half[1]) = 'p' THEN hour % 12 + 12 ELSE hour % 12 END
    """,
    # A day or month that is too large goes on into the next one.
    'redshift_date_of': """
        (y, m, d, strict) AS CASE
            WHEN strict AND (m NOT BETWEEN 1 AND 12 OR d < 1
                OR d > day(last_day(make_date(y, 1, 1) + to_months((m - 1)::INTEGER))))
            THEN error('date/time field date value out of range: ' || y || '-' || m || '-' || d)
            ELSE (make_date(y, 1, 1) + to_months((m - 1)::INTEGER)
                + to_days((d - 1)::INTEGER))::DATE
        END
    """,
    'redshift_time_of': """
        (date, hour, minute, second, micro, strict) AS CASE
            WHEN strict AND (hour > 23 OR minute > 59 OR second > 59)
            THEN error('date/time field time value out of range: '
                || hour || ':' || minute || ':' || second)
            ELSE date + to_hours(hour) + to_minutes(minute) + to_seconds(second)
                + to_microseconds(micro) END
    """,
    **NUMBER_MACROS,
}


class _Item(NamedTuple):
    text: str
    fills: bool = True
    ordinal: str = ''
    literal: bool = False


def _items(picture: str) -> Iterator[_Item]:
    for found in _ITEM.finditer(picture):
        if found['item']:
            yield _Item(found['item'], not found['fill'], found['ordinal'] or '')
        else:
            yield _Item(found['quoted'] if found['other'] is None else found['other'], literal=True)


def _picture(node: exp.Expr) -> str:
    if not node.is_string:
        raise SqlError('ERROR: A format that is not a constant is not available in the emulator')
    return node.name


def text_of(value: exp.Expr, picture: exp.Expr, value_type: SqlType | None) -> exp.Expr:
    """Return a date, time or number as TO_CHAR writes it."""
    written = _picture(picture)
    if (
        value_type
        and value_type.name
        in (
            'numeric',
            'int2',
            'int4',
            'int8',
            'float4',
            'float8',
            'bool',
        )
    ) or (value_type is None and not _is_of_a_date(written)):
        return number_text(value, written)
    moment = call('redshift_moment', value)
    parts = [_written(item, moment) for item in _items(written)]
    return joined(parts) if parts else exp.Literal.string('')


def _is_of_a_date(picture: str) -> bool:
    return any(not item.literal and item.text.upper() != 'D' for item in _items(picture))


def joined(parts: list[exp.Expr]) -> exp.Expr:
    """Return the texts, one after another."""
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.DPipe(this=whole, expression=part, safe=True)
    return exp.Paren(this=whole)


def _written(item: _Item, moment: exp.Expr) -> exp.Expr:
    if item.literal:
        return exp.Literal.string(item.text)
    name = item.text.upper()
    value: exp.Expr = call(_macro_name(name), moment.copy())
    if name in _WORDS:
        width = _WORDS[name][1]
        if item.text.islower() or item.text.isupper():
            value = call('lower' if item.text.islower() else 'upper', value)
        if width and item.fills:
            value = call('rpad', value, exp.Literal.number(width), exp.Literal.string(' '))
        return value
    whole = exp.cast(value, 'bigint')
    text: exp.Expr = exp.cast(whole, 'text', dialect='duckdb')
    digits = _DIGITS[name][1]
    if item.fills and digits > 1:
        text = call('lpad', text, exp.Literal.number(digits), exp.Literal.string('0'))
    if item.ordinal:
        ordinal = call('redshift_ordinal', whole.copy())
        text = joined([text, call('upper', ordinal) if item.ordinal.isupper() else ordinal])
    return text


_READ = {
    'YYYY': r'(\d{1,4})',
    'YY': r'(\d{1,2})',
    'MONTH': r'([A-Za-z]{3,9})',
    'MON': r'([A-Za-z]{3})',
    'DAY': r'([A-Za-z]+)',
    'DY': r'([A-Za-z]{3})',
    'DDD': r'(\d{1,3})',
    'MS': r'(\d{1,3})',
    'US': r'(\d{1,6})',
    'TZ': r'([A-Za-z]*)',
    **dict.fromkeys(('MM', 'DD', 'HH24', 'HH12', 'HH', 'MI', 'SS'), r'(\d{1,2})'),
    **dict.fromkeys(('AM', 'PM', 'A.M.', 'P.M.'), r'([AaPp]\.?[Mm]\.?)'),
}


def _fields(text: exp.Expr, picture: str) -> dict[str, exp.Expr]:
    """Return what a text says under each item of a picture."""
    pattern, names = r'^\s*', []
    for item in _items(picture):
        name = item.text.upper()
        if item.literal:
            pattern += r'[^0-9A-Za-z]*' if not item.text.isalnum() else re.escape(item.text)
        elif name in _READ:
            pattern += _READ[name]
            names.append('HALF' if name[-1] == 'M' and name[0] in 'AP' else name)
        else:
            raise SqlError(f'ERROR: "{item.text}" is not available in the emulator in this format')
    whole = exp.Literal.string(pattern)
    value = exp.cast(text, 'text', dialect='duckdb')
    return {
        name: call('redshift_found', value.copy(), whole.copy(), exp.Literal.number(number))
        for number, name in enumerate(names, 1)
    }


def _number(fields: dict[str, exp.Expr], name: str, default: int) -> exp.Expr:
    if name not in fields:
        return exp.Literal.number(default)
    return exp.cast(fields[name], 'bigint')


def _date(fields: dict[str, exp.Expr], strict: exp.Expr) -> exp.Expr:
    year = _number(fields, 'YYYY', 1)
    if 'YY' in fields:
        year = call('redshift_short_year', _number(fields, 'YY', 0))
    month = _number(fields, 'MM', 1)
    for name in ('MON', 'MONTH'):
        if name in fields:
            month = call('redshift_month_named', fields[name])
    day = _number(fields, 'DDD' if 'DDD' in fields else 'DD', 1)
    return call('redshift_date_of', year, month, day, strict)


def _arguments(node: exp.Anonymous) -> tuple[dict[str, exp.Expr], exp.Expr]:
    text, picture, *strict = node.expressions
    return _fields(text, _picture(picture)), strict[0] if strict else exp.false()


def date_of_text(node: exp.Anonymous) -> exp.Expr:
    """Return the date that TO_DATE reads."""
    return _date(*_arguments(node))


def moment_of_text(node: exp.Anonymous) -> exp.Expr:
    """Return the point in time that TO_TIMESTAMP reads."""
    fields, strict = _arguments(node)
    hour = _number(fields, 'HH24', 0)
    for name in ('HH', 'HH12'):
        if name in fields:
            hour = _number(fields, name, 0)
            if 'HALF' in fields:
                hour = call('redshift_hour_of_day', hour, fields['HALF'])
    micro: exp.Expr = _number(fields, 'US', 0)
    if 'MS' in fields:
        micro = exp.Mul(this=_number(fields, 'MS', 0), expression=exp.Literal.number(1000))
    moment = call(
        'redshift_time_of',
        _date(fields, strict),
        hour,
        _number(fields, 'MI', 0),
        _number(fields, 'SS', 0),
        micro,
        strict.copy(),
    )
    return call('timezone', exp.Literal.string('UTC'), moment)
