"""Numbers as a picture writes them: TO_CHAR and TO_NUMBER.

https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_formating.html
"""

import re
from typing import NamedTuple

from sqlglot import exp

from emulator.redshift.functions.becomes import call
from emulator.redshift.functions.refused import SqlError

_ROMAN = ' || '.join(
    f'[{", ".join(repr(word) for word in words)}][(n // {unit}) % 10 + 1]'
    for unit, words in (
        (1000, ('', 'M', 'MM', 'MMM', '', '', '', '', '', '')),
        (100, ('', 'C', 'CC', 'CCC', 'CD', 'D', 'DC', 'DCC', 'DCCC', 'CM')),
        (10, ('', 'X', 'XX', 'XXX', 'XL', 'L', 'LX', 'LXX', 'LXXX', 'XC')),
        (1, ('', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX')),
    )
)
NUMBER_MACROS = {
    'redshift_roman': f"""
        (n) AS CASE WHEN n BETWEEN 1 AND 3999 THEN lpad({_ROMAN}, 15, ' ')
            WHEN n IS NOT NULL THEN repeat('#', 15) END
    """,
    # The whole part, padded: zeros where the picture has them, blanks before.
    'redshift_whole': """
        (t, digits, zeros, fraction) AS lpad(lpad(
            CASE WHEN split_part(t, '.', 1) = '0' AND fraction THEN ''
                ELSE split_part(t, '.', 1) END,
            greatest(zeros, CASE WHEN split_part(t, '.', 1) = '0' AND fraction THEN 0
                ELSE length(split_part(t, '.', 1)) END)::INTEGER, '0'), digits, ' ')
    """,
    'redshift_grouped': """
        (padded, commas) AS array_to_string(list_transform(range(length(padded)), lambda i:
            CASE WHEN NOT list_contains(commas, i) THEN '' WHEN i = 0 OR padded[i] = ' ' THEN ' '
                ELSE ',' END || padded[i + 1]), '')
    """,
    'redshift_number': """
        (t, digits, zeros, commas, fraction) AS CASE WHEN length(split_part(t, '.', 1)) > digits
                AND split_part(t, '.', 1) <> '0'
            THEN repeat('#', digits + len(commas)) ||
                CASE WHEN fraction THEN '.' || repeat('#', length(split_part(t, '.', 2)))
                    ELSE '' END
            ELSE redshift_grouped(redshift_whole(t, digits, zeros, fraction), commas)
                || CASE WHEN fraction THEN '.' || split_part(t, '.', 2) ELSE '' END END
    """,
    'redshift_signed': """
        (text, sign) AS repeat(' ', (length(text) - length(ltrim(text)))::BIGINT)
            || sign || ltrim(text)
    """,
    'redshift_unfilled': """
        (text, zeros) AS regexp_replace(trim(text), '(\\.[0-9]*?)0+([^0-9]*)$',
            CASE WHEN zeros THEN '\\0' ELSE '\\1\\2' END)
    """,
    'redshift_digits': """
        (x) AS CASE WHEN contains(x, '-') OR contains(x, '<') THEN '-' ELSE '' END
            || regexp_replace(x, '[^0-9.]', '', 'g')
    """,
}
_PARTS = re.compile(r'FM|PR|MI|PL|SG|TH|RN|EEEE|V|[SLDG90.,$ ]|(?P<other>.)', re.IGNORECASE)


class _Picture(NamedTuple):
    whole: str
    fraction: str
    commas: list[int]
    words: list[str]

    @property
    def zeros(self) -> int:
        """How many digits of the whole part are there in any case."""
        return len(self.whole) - self.whole.index('0') if '0' in self.whole else 0


def _read(picture: str) -> _Picture:
    whole, fraction, commas, words = '', '', [], []
    after = False
    for found in _PARTS.finditer(picture):
        part = found[0].upper()
        if found['other'] or part in ('V', 'EEEE', 'TH'):
            raise SqlError(f'ERROR: "{found[0]}" is not available in the emulator in this format')
        if part in '90':
            whole, fraction = (whole, fraction + part) if after else (whole + part, fraction)
        elif part in ',G':
            commas.append(len(whole))
        elif part in '.D':
            after = True
        else:
            words.append('L' if part == '$' else part if whole or fraction else f'^{part}')
    return _Picture(whole, fraction, commas, words)


def number_text(value: exp.Expr, picture: str) -> exp.Expr:
    """Return a number as TO_CHAR writes it."""
    if picture.upper() in ('RN', 'FMRN'):
        roman: exp.Expr = call('redshift_roman', exp.cast(value, 'bigint'))
        roman = call('lower', roman) if picture.islower() else roman
        return call('trim', roman) if len(picture) > len('RN') else roman
    shape = _read(picture)
    places = len(shape.fraction)
    exact = exp.cast(call('abs', value), f'decimal(38, {places})', dialect='duckdb')
    text = call(
        'redshift_number',
        exp.cast(exact, 'text', dialect='duckdb'),
        exp.Literal.number(len(shape.whole)),
        exp.Literal.number(shape.zeros),
        exp.cast(
            exp.Array(expressions=[exp.Literal.number(c) for c in shape.commas]),
            'bigint[]',
            dialect='duckdb',
        ),
        exp.Boolean(this=places > 0),
    )
    fills = not any('FM' in word for word in shape.words)
    if not fills:
        text = call('redshift_unfilled', text, exp.Boolean(this='0' in shape.fraction))
    return _with_sign(text, value, shape, fills=fills)


def _with_sign(text: exp.Expr, value: exp.Expr, shape: _Picture, *, fills: bool) -> exp.Expr:
    def either(negative: str, positive: str) -> exp.Expr:
        below = exp.LT(this=value.copy(), expression=exp.Literal.number(0))
        case = exp.If(this=below, true=exp.Literal.string(negative))
        return exp.Case(ifs=[case], default=exp.Literal.string(positive))

    def placed(sign: exp.Expr) -> exp.Expr:
        return call('redshift_signed', text, sign)

    blank = ' ' if fills else ''
    words = set(shape.words)
    signed: exp.Expr
    if 'PR' in words:
        signed = exp.DPipe(
            this=placed(either('<', blank)), expression=either('>', blank), safe=True
        )
    elif words & {'S', 'SG'}:
        signed = exp.DPipe(this=text, expression=either('-', '+'), safe=True)
    elif 'MI' in words:
        signed = exp.DPipe(this=text, expression=either('-', blank), safe=True)
    elif words & {'^S', '^SG'}:
        signed = placed(either('-', '+'))
    elif '^MI' in words:
        signed = placed(either('-', blank))
    else:
        signed = placed(either('-', blank))
    if words & {'L', '^L'}:
        signed = exp.DPipe(this=exp.Literal.string('$'), expression=signed, safe=True)
    return exp.Paren(this=signed)


def number_of_text(node: exp.Anonymous) -> exp.Expr:
    """Return the number that TO_NUMBER reads."""
    text, picture = node.expressions
    if not picture.is_string:
        raise SqlError('ERROR: A format that is not a constant is not available in the emulator')
    places = len(_read(picture.name).fraction)
    return exp.cast(call('redshift_digits', text), f'decimal(38, {places})', dialect='duckdb')
