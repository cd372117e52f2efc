"""Date and time functions."""

from collections.abc import Sequence

from sqlglot import exp

from emulator.redshift.functions.becomes import (
    Becomes,
    call,
    macro,
    missing,
    renamed,
    rule,
    same,
    type_of,
)
from emulator.redshift.functions.date_parts import date_part
from emulator.redshift.functions.pictures import date_of_text, moment_of_text, text_of
from emulator.redshift.functions.types import SqlType

# A text or a date is a timestamp where one is wanted; a time stays one.
MOMENT = '(x VARCHAR) AS redshift_iso(x)::TIMESTAMP, (x DATE) AS x::TIMESTAMP, (x) AS x'
# https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html: the month
# first, where a date is of numbers alone.
_ISO = r"""
    (x) AS CASE
        WHEN x[5] = '-' THEN x
        WHEN regexp_matches(x, '^\s*\d{8}\b')
            THEN regexp_replace(x, '^\s*(\d{4})(\d\d)(\d\d)', '\1-\2-\3')
        WHEN regexp_matches(x, '^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{4}')
            THEN regexp_replace(x, '^\s*(\d+)[-/.](\d+)[-/.](\d{4})', '\3-\1-\2')
        WHEN regexp_matches(x, '^\s*[A-Za-z]{3,9}[ -]\d{1,2},?[ -]\d{4}')
            THEN strftime(strptime(regexp_replace(
                x, '^\s*([A-Za-z]{3})[a-z]*[ -](\d+),?[ -](\d{4}).*$', '\1 \2 \3'
            ), '%b %d %Y'), '%Y-%m-%d')
                || regexp_replace(x, '^\s*[A-Za-z]+[ -]\d+,?[ -]\d{4}', '')
        WHEN regexp_matches(x, '^\s*\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{4}')
            THEN strftime(strptime(regexp_replace(
                x, '^\s*(\d+)[ -]([A-Za-z]{3})[a-z]*[ -](\d{4}).*$', '\2 \1 \3'
            ), '%b %d %Y'), '%Y-%m-%d')
                || regexp_replace(x, '^\s*\d+[ -][A-Za-z]+[ -]\d{4}', '')
        ELSE x END
"""
_STEPS = {
    'millennium': 'x + to_years(n * 1000)',
    'century': 'x + to_years(n * 100)',
    'decade': 'x + to_years(n * 10)',
    'year': 'x + to_years(n)',
    'quarter': 'x + to_months(n * 3)',
    'month': 'x + to_months(n)',
    'week': 'x + to_days(n * 7)',
    'day': 'x + to_days(n)',
    'hour': 'x + to_hours(n)',
    'minute': 'x + to_minutes(n)',
    'second': 'x + to_seconds(n)',
    'millisecond': 'x + to_milliseconds(n)',
    'microsecond': 'x + to_microseconds(n)',
}
# Whole numbers: DuckDB's seconds and smaller parts hold the larger ones too.
_EXTRACTED = {
    'epoch': "floor(date_part('epoch', x))::BIGINT",
    'millisecond': "(date_part('milliseconds', x) % 1000)::INTEGER",
    'microsecond': "(date_part('microseconds', x) % 1000000)::INTEGER",
    'timezone_hour': "date_part('timezone_hour', x)::INTEGER",
}
_WEEKDAYS = ('su', 'm', 'tu', 'w', 'th', 'f', 'sa')
_WEEKDAY = ' '.join(
    f"WHEN starts_with(lower(trim(name)), '{start}') THEN {number}"
    for number, start in enumerate(_WEEKDAYS)
)
_MONTH_END = '(last_day(redshift_date({0})) = redshift_date({0}))'


def _compare(left: str, right: str) -> str:
    a, b = f'redshift_{left}(a)', f'redshift_{right}(b)'
    return f'(a, b) AS CASE WHEN {a} < {b} THEN -1 WHEN {a} > {b} THEN 1 WHEN {a} = {b} THEN 0 END'


# POSIX counts from west to east, and takes any name before the number.
_ZONE = r"""
    (zone) AS CASE
        WHEN regexp_matches(zone, '^[A-Za-z/_]+ ?[+-][0-9]{1,2}(:[0-9]{2})?$') THEN
            CASE WHEN contains(zone, '-') THEN '+' ELSE '-' END
            || lpad(regexp_extract(zone, '[+-]([0-9]+)', 1), 2, '0') || ':'
            || coalesce(nullif(regexp_extract(zone, ':([0-9]{2})$', 1), ''), '00')
        ELSE zone END
"""
_OFFSET = r"regexp_matches(redshift_zone({0}), '^[+-]\d\d:\d\d$')"
_MINUTES = """(
    CASE WHEN redshift_zone({0})[1] = '-' THEN -1 ELSE 1 END
    * (60 * redshift_zone({0})[2:3]::INTEGER + redshift_zone({0})[5:6]::INTEGER)
)"""
_TO_UTC = (
    f'CASE WHEN {_OFFSET.format("source")} '
    f'THEN redshift_timestamp(x) - to_minutes(TRY({_MINUTES.format("source")})) '
    "ELSE timezone('UTC', timezone(source, redshift_timestamp(x))) END"
)
_CONVERT = """
    CASE WHEN {offset} THEN ({utc}) + to_minutes(TRY({minutes}))
    ELSE timezone(target, timezone('UTC', {utc})) END
"""


def _convert(utc: str) -> str:
    return _CONVERT.format(
        offset=_OFFSET.format('target'), minutes=_MINUTES.format('target'), utc=utc
    )


# What a rule below calls.
DATE_MACROS = {
    'redshift_iso': _ISO,
    'redshift_timestamp': '(x) AS redshift_iso(x::VARCHAR)::TIMESTAMP',
    'redshift_timestamptz': '(x) AS redshift_iso(x::VARCHAR)::TIMESTAMPTZ',
    'redshift_date': '(x) AS redshift_iso(x::VARCHAR)::TIMESTAMP::DATE',
    'redshift_moment': MOMENT,
    'redshift_zone': _ZONE,
    **{f'redshift_add_{unit}': f'(x, n) AS {step}' for unit, step in _STEPS.items()},
    **{f'redshift_extract_{part}': f'(x) AS {text}' for part, text in _EXTRACTED.items()},
    # The second has its fraction in DATE_PART, and none in EXTRACT.
    'redshift_seconds': "(x) AS date_part('microseconds', x) / 1000000::DOUBLE",
}


def moment(node: exp.Expr) -> exp.Expr:
    """Return a value as a timestamp, if it is a text or a date."""
    kind = type_of(node)
    return node if kind and kind.name in _TIMED else call('redshift_moment', node)


_TIMED = ('timestamp', 'timestamptz', 'time', 'timetz', 'interval')


def _dateadd(node: exp.Anonymous) -> exp.Expr:
    part, number, start = node.expressions
    number = exp.cast(number, 'integer', dialect='duckdb')
    return call(f'redshift_add_{date_part(part)}', moment(start), number)


def _datediff(node: exp.Anonymous) -> exp.Expr:
    part, start, end = node.expressions
    return call('date_diff', exp.Literal.string(date_part(part)), moment(start), moment(end))


def extracted(part_node: exp.Expr, value: exp.Expr, *, whole: bool = True) -> exp.Expr:
    """Return one part of a date or time."""
    part = date_part(part_node)
    if part == 'second' and not whole:
        return call('redshift_seconds', moment(value))
    if part in _EXTRACTED:
        return call(f'redshift_extract_{part}', moment(value))
    return exp.cast(call('date_part', exp.Literal.string(part), moment(value)), 'integer')


def _date_part(node: exp.Anonymous) -> exp.Expr:
    # A second without a fraction stays a whole number: what it is shows in the value only.
    return extracted(*node.expressions)


def _date_trunc(node: exp.Anonymous) -> exp.Expr:
    part, value = node.expressions
    return call('date_trunc', exp.Literal.string(date_part(part)), moment(value))


def _to_char(node: exp.Anonymous) -> exp.Expr:
    value, picture = node.expressions
    return text_of(value, picture, type_of(value))


def _timezone(node: exp.Anonymous) -> exp.Expr:
    zone, value = node.expressions
    return call('timezone', zone, moment(value))


def _other_timestamp(types: Sequence[SqlType | None]) -> SqlType | None:
    given = types[-1] if types else None
    return SqlType('timestamp' if given and given.name == 'timestamptz' else 'timestamptz')


def _moment_type(types: Sequence[SqlType | None]) -> SqlType | None:
    given = types[-1] if types else None
    timed = given and given.name in ('timestamptz', 'time', 'timetz')
    return given if timed else SqlType('timestamp')


DATES: dict[str, Becomes] = {
    'add_months': macro(
        f'(x, n) AS CASE WHEN {_MONTH_END.format("x")} '
        'THEN last_day(redshift_timestamp(x) + to_months(n::INTEGER))::TIMESTAMP '
        "+ (redshift_timestamp(x) - date_trunc('day', redshift_timestamp(x))) "
        'ELSE redshift_timestamp(x) + to_months(n::INTEGER) END',
        'timestamp',
    ),
    'age': macro(
        '(x) AS age(current_date::TIMESTAMP, redshift_timestamp(x)), '
        '(x, y) AS age(redshift_timestamp(x), redshift_timestamp(y))',
        'interval',
    ),
    'convert_timezone': macro(
        f'(target, x) AS {_convert("redshift_timestamp(x)")}, '
        f'(source, target, x) AS {_convert(_TO_UTC)}',
        'timestamp',
    ),
    'current_date': macro('() AS current_date', 'date'),
    'current_time': macro('() AS now()::TIMETZ', 'timetz'),
    'current_timestamp': renamed('now', 'timestamptz'),
    'date_cmp': macro(_compare('date', 'date'), 'int4'),
    'date_cmp_timestamp': macro(_compare('timestamp', 'timestamp'), 'int4'),
    'date_cmp_timestamptz': macro(_compare('timestamp', 'timestamptz'), 'int4'),
    'date_part': rule(_date_part, 'int4'),
    'date_part_year': macro('(x) AS year(redshift_date(x))::INTEGER', 'int4'),
    'date_trunc': rule(_date_trunc, _moment_type),
    'dateadd': rule(_dateadd, _moment_type),
    'datediff': rule(_datediff, 'int8'),
    'getdate': macro("() AS date_trunc('second', now() AT TIME ZONE 'UTC')", 'timestamp'),
    'interval_cmp': macro(
        '(a, b) AS CASE WHEN a::INTERVAL < b::INTERVAL THEN -1 '
        'WHEN a::INTERVAL > b::INTERVAL THEN 1 WHEN a::INTERVAL = b::INTERVAL THEN 0 END',
        'int4',
    ),
    'isfinite': macro('(x VARCHAR) AS isfinite(redshift_timestamp(x)), (x) AS isfinite(x)', 'bool'),
    'last_day': macro('(x) AS last_day(redshift_date(x))', 'date'),
    'localtime': macro("() AS (now() AT TIME ZONE 'UTC')::TIME", 'time'),
    'localtimestamp': macro("() AS now() AT TIME ZONE 'UTC'", 'timestamp'),
    # Whole months, and the days that are over as parts of one of 31 days.
    'months_between': macro(
        '(a, b) AS (12 * (year(redshift_date(a)) - year(redshift_date(b)))'
        ' + month(redshift_date(a)) - month(redshift_date(b)))::DOUBLE'
        ' + CASE WHEN day(redshift_date(a)) = day(redshift_date(b)) OR '
        f'{_MONTH_END.format("a")} AND {_MONTH_END.format("b")} THEN 0 '
        'ELSE (day(redshift_date(a)) - day(redshift_date(b))) / 31::DOUBLE END',
        'float8',
    ),
    'next_day': macro(
        f'(x, name) AS redshift_date(x) + (1 + (CASE {_WEEKDAY} '
        "ELSE error('Invalid day of the week ''' || name || '''') END"
        " - date_part('dow', redshift_date(x)) + 6) % 7)::INTEGER",
        'date',
    ),
    'now': same('timestamptz'),
    'sysdate': macro("() AS now() AT TIME ZONE 'UTC'", 'timestamp'),
    'timeofday': macro("() AS strftime(now(), '%a %b %d %H:%M:%S.%f %Y UTC')", 'varchar'),
    'timestamp_cmp': macro(_compare('timestamp', 'timestamp'), 'int4'),
    'timestamp_cmp_date': macro(_compare('timestamp', 'date'), 'int4'),
    'timestamp_cmp_timestamptz': macro(_compare('timestamp', 'timestamptz'), 'int4'),
    'timestamptz_cmp': macro(_compare('timestamptz', 'timestamptz'), 'int4'),
    'timestamptz_cmp_date': macro(_compare('timestamptz', 'timestamp'), 'int4'),
    'timestamptz_cmp_timestamp': macro(_compare('timestamptz', 'timestamp'), 'int4'),
    'timezone': rule(_timezone, _other_timestamp),
    'to_char': rule(_to_char, 'varchar'),
    'to_date': rule(date_of_text, 'date'),
    'to_timestamp': rule(moment_of_text, 'timestamptz'),
    'trunc': macro(
        '(x TIMESTAMP) AS redshift_date(x), (x) AS trunc(x), (x, places) AS trunc(x, places)',
        lambda types: (
            SqlType('date')
            if types and types[0] and types[0].name in ('timestamp', 'date')
            else types[0]
            if types
            else None
        ),
    ),
    'pg_timezone_abbrevs': missing('it has no leader node'),
    'pg_timezone_names': missing('it has no leader node'),
}
