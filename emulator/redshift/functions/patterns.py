"""Functions of regular expressions: RE2's in DuckDB, which have the POSIX classes.

Parameters: ``i`` for any case, ``c`` for the case as it is, ``e`` for the first group, ``p`` for
Perl's dialect, of which RE2 has all but what looks around and back.
"""

from emulator.redshift.functions.becomes import macro

_PATTERN = "(CASE WHEN contains(how, 'i') THEN '(?i)' ELSE '' END || pattern)"
_GROUP = "CASE WHEN contains(how, 'e') THEN 1 ELSE 0 END"


def _overloads(required: str, optional: tuple[tuple[str, str], ...], body: str) -> str:
    """Return a macro for each number of arguments; what is not given has its default."""
    written = []
    for count in range(len(optional) + 1):
        given = [required, *(name for name, _ in optional[:count])]
        text = body
        for name, default in optional[count:]:
            text = text.replace(f'{{{name}}}', default)
        for name, _ in optional[:count]:
            text = text.replace(f'{{{name}}}', name)
        written.append(f'({", ".join(given)}) AS {text}')
    return ', '.join(written)


_COUNT = f'len(regexp_extract_all(substring(x, {{start}}), {_PATTERN}))::INTEGER'
# Where a match begins: after the pieces and the matches before it.
_PIECES = f'string_split_regex(substring(x, {{start}}), {_PATTERN})'
_MATCHES = f'regexp_extract_all(substring(x, {{start}}), {_PATTERN})'
_INSTR = f"""
    CASE WHEN len({_MATCHES}) < {{occurrence}} THEN 0
    ELSE {{start}} + length(array_to_string({_PIECES}[:{{occurrence}}], ''))
        + length(array_to_string({_MATCHES}[:{{occurrence}} - 1 + {{after}}], '')) END::INTEGER
"""
_SUBSTR = f"""
    coalesce(regexp_extract_all(substring(x, {{start}}), {_PATTERN}, {_GROUP})[{{occurrence}}], '')
"""
_REPLACE = f"""
    left(x, {{start}} - 1) || regexp_replace(
        substring(x, {{start}}), {_PATTERN},
        regexp_replace({{put}}, '\\$([0-9])', '\\\\\\1', 'g'), 'g'
    )
"""


def _with_how(body: str) -> str:
    return body.replace('how', '{how}')


_START = ('start', '1')
_HOW = ('how', "''")

PATTERNS = {
    'regexp_count': macro(_overloads('x, pattern', (_START, _HOW), _with_how(_COUNT)), 'int4'),
    'regexp_instr': macro(
        _overloads(
            'x, pattern',
            (_START, ('occurrence', '1'), ('after', '0'), _HOW),
            _with_how(_INSTR),
        ),
        'int4',
    ),
    'regexp_replace': macro(
        _overloads('x, pattern', (('put', "''"), _START, _HOW), _with_how(_REPLACE)), 'varchar'
    ),
    'regexp_substr': macro(
        _overloads('x, pattern', (_START, ('occurrence', '1'), _HOW), _with_how(_SUBSTR)),
        'varchar',
    ),
}
