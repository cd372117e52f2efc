"""Rules of Redshift's SQL that models get wrong most: told when a statement breaks one."""

import re
from collections.abc import Iterator

# By the beginning of what Redshift says of it.
_RULES = {
    r'function (array_agg|string_agg|group_concat|json_agg)\(': (
        "Redshift has LISTAGG(value, ', ') WITHIN GROUP (ORDER BY value) for that"
    ),
    r'function (date_diff|timestampdiff|date_sub|date_add)\(': (
        'Redshift has DATEDIFF(day, start, end) and DATEADD(day, number, date), the part without '
        'quotes'
    ),
    r'function (ifnull|iff|if)\(': 'Redshift has NVL(a, b), and CASE WHEN for conditions',
    r'function (jsonb?_|to_jsonb?\(|parse_json\()': (
        "Redshift has JSON_PARSE(text) for SUPER, and JSON_EXTRACT_PATH_TEXT(text, 'key')"
    ),
    r'aggregate window functions with an ORDER BY clause require a frame': (
        'Add ROWS UNBOUNDED PRECEDING, or another frame, after ORDER BY'
    ),
    r'cannot cast type boolean to': "Write CASE WHEN b THEN 'true' ELSE 'false' END",
    r'type "?(jsonb?|array|struct|string)"? does not exist': (
        'Redshift has SUPER for JSON, arrays and objects, and VARCHAR for text'
    ),
    r'specified types or functions': (
        'Functions such as generate_series, NOW and CURRENT_TIMESTAMP work without tables only: '
        'use WITH RECURSIVE for series, and GETDATE()'
    ),
    r'this type of correlated subquery': 'Write it as a JOIN to a grouped subquery',
    r'function filter\(|syntax error at or near "(filter|\()"': (
        'Redshift has no FILTER (WHERE …): write SUM(CASE WHEN … THEN 1 ELSE 0 END)'
    ),
    r'syntax error at or near "on"': (
        'Redshift has no DISTINCT ON: write QUALIFY ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) '
        '= 1'
    ),
    r'syntax error at or near "[a-z_]+"': 'A name that is a reserved word needs quotes',
}


def about(message: str) -> Iterator[str]:
    """Yield the rule that a message of Redshift is about, if there is one."""
    for pattern, rule in _RULES.items():
        if re.match(pattern, message, re.IGNORECASE):
            yield rule
            return
