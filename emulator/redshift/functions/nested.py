"""Functions of SUPER: arrays, objects, JSON, type information; and of VARBYTE.

SUPER is DuckDB's VARIANT: it keeps the type of each part.
"""

from sqlglot import exp

from emulator.redshift.functions.becomes import Becomes, call, macro, missing, renamed, rule
from emulator.redshift.functions.refused import SqlError

_ARRAY = "(CASE WHEN starts_with(variant_typeof({0}), 'ARRAY') THEN {0}::VARIANT[] END)"
_TYPE = "regexp_extract(variant_typeof(x), '^[A-Z0-9_]+')"
_WHOLE = "('INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64')"
_NUMBER = f"({_TYPE} IN {_WHOLE} OR {_TYPE} IN ('DECIMAL', 'DOUBLE', 'FLOAT', 'INT128'))"


def _is_whole(low: int, high: int) -> Becomes:
    return macro(
        f'(x) AS {_TYPE} IN {_WHOLE} AND TRY_CAST(x AS HUGEINT) BETWEEN {low} AND {high}', 'bool'
    )


def _super(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, 'variant', dialect='duckdb')


def _array(node: exp.Anonymous) -> exp.Expr:
    parts = [_super(part) for part in node.expressions]
    items: exp.Expr = exp.Array(expressions=parts)
    return call(
        'redshift_super', items if parts else exp.cast(items, 'variant[]', dialect='duckdb')
    )


def _object(node: exp.Anonymous) -> exp.Expr:
    if len(node.expressions) % 2:
        raise SqlError('ERROR: object() requires an even number of arguments')
    keys, values = node.expressions[::2], [_super(value) for value in node.expressions[1::2]]
    return call('redshift_object_of', exp.Array(expressions=keys), exp.Array(expressions=values))


def _path(node: exp.Anonymous) -> exp.Expr:
    """Return what ``json_extract_path_text`` finds under all its keys, one under another."""
    text, *keys = node.expressions
    lenient: exp.Expr = exp.false()
    if keys and isinstance(keys[-1], exp.Boolean):
        lenient = keys.pop()
    found = call('redshift_json', text, lenient)
    for key in keys:
        found = call('json_extract', found, call('redshift_key', key))
    return call('redshift_json_text', found)


_JSON_TEXT = """
    (x) AS CASE json_type(x) WHEN 'NULL' THEN NULL WHEN 'VARCHAR' THEN x ->> '$'
        ELSE x::VARCHAR END
"""
_INVALID = "error('JSON parsing error')::JSON"
_JSON_VALUE = (
    f'(x, lenient) AS CASE WHEN json_valid(x) THEN x::JSON WHEN NOT lenient THEN {_INVALID} END'
)
NESTED_MACROS = {
    'redshift_super': '(x) AS x::VARIANT',
    'redshift_object_of': """
        (keys, items) AS ('{' || array_to_string(list_transform(
            list_zip(keys, items),
            lambda pair: to_json(pair[1]::VARCHAR)::VARCHAR || ':'
                || coalesce(pair[2]::JSON::VARCHAR, 'null')
        ), ',') || '}')::JSON::VARIANT
    """,
    'redshift_json': _JSON_VALUE,
    'redshift_key': """
        (key) AS '$."' || replace(replace(key::VARCHAR, '\\', '\\\\'), '"', '\\"') || '"'
    """,
    'redshift_json_text': _JSON_TEXT,
    # One of a list or of an object: nothing where there is none.
    'redshift_items': f'(x) AS {_ARRAY.format("x")}',
    'redshift_super_text': """
        (x) AS CASE WHEN starts_with(variant_typeof(x), 'VARCHAR') THEN x::VARCHAR
            WHEN x IS NULL THEN NULL ELSE x::JSON::VARCHAR END
    """,
}
_BYTE = "('0x' || substring(hex({0}), 2 * i + 1, 2))::BIGINT"
BYTES_MACROS = {
    'redshift_bytes_not': f"""
        (x) AS unhex(array_to_string(list_transform(range(octet_length(x)), lambda i:
            printf('%02x', 255 - {_BYTE.format('x')})), ''))
    """,
    **{
        f'redshift_bytes_{name}': f"""
            (a, b) AS unhex(array_to_string(list_transform(range(octet_length(a)), lambda i:
                printf('%02x', {written})), ''))
        """
        for name, written in (
            ('and', f'{_BYTE.format("a")} & {_BYTE.format("b")}'),
            ('or', f'{_BYTE.format("a")} | {_BYTE.format("b")}'),
            ('xor', f'xor({_BYTE.format("a")}, {_BYTE.format("b")})'),
        )
    },
}
NESTED = {
    'array': rule(_array, 'super'),
    'array_concat': macro(
        f'(a, b) AS list_concat({_ARRAY.format("a")}, {_ARRAY.format("b")})::VARIANT', 'super'
    ),
    'array_flatten': macro(
        f'(x) AS flatten(list_transform({_ARRAY.format("x")}, lambda item: CASE WHEN '
        "starts_with(variant_typeof(item), 'ARRAY') THEN item::VARIANT[] ELSE [item] END"
        '))::VARIANT',
        'super',
    ),
    'get_array_length': macro(f'(x) AS len({_ARRAY.format("x")})::INTEGER', 'int4'),
    'split_to_array': macro(
        "(x) AS string_split(x, ',')::VARIANT, "
        '(x, separator) AS string_split(x, separator)::VARIANT',
        'super',
    ),
    'subarray': macro(
        f'(x, start, n) AS {_ARRAY.format("x")}[start + 1 : start + n]::VARIANT', 'super'
    ),
    'array_contains': macro(
        f'(x, item) AS list_contains({_ARRAY.format("x")}, item::VARIANT)', 'bool'
    ),
    'array_distinct': macro(f'(x) AS list_distinct({_ARRAY.format("x")})::VARIANT', 'super'),
    'array_position': macro(
        f'(x, item) AS coalesce(list_position({_ARRAY.format("x")}, item::VARIANT), 0) - 1', 'int4'
    ),
    'object': rule(_object, 'super'),
    'can_json_parse': renamed('json_valid', 'bool'),
    'is_valid_json': macro(
        "(x) AS json_valid(x) AND coalesce(TRY(json_type(x)), '') = 'OBJECT'", 'bool'
    ),
    'is_valid_json_array': macro(
        "(x) AS json_valid(x) AND coalesce(TRY(json_type(x)), '') = 'ARRAY'", 'bool'
    ),
    'json_array_length': macro(
        '(x) AS json_array_length(redshift_json(x, false))::INTEGER, '
        '(x, lenient) AS json_array_length(redshift_json(x, lenient))::INTEGER',
        'int4',
    ),
    'json_extract_array_element_text': macro(
        '(x, n) AS redshift_json_text(json_extract(redshift_json(x, false), n::INTEGER)), '
        '(x, n, lenient) AS '
        'redshift_json_text(json_extract(redshift_json(x, lenient), n::INTEGER))',
        'varchar',
    ),
    'json_extract_path_text': rule(_path, 'varchar'),
    'json_parse': macro('(x) AS redshift_json(x, false)::VARIANT', 'super'),
    'json_serialize': macro('(x) AS x::JSON::VARCHAR', 'varchar'),
    'json_serialize_to_varbyte': macro('(x) AS x::JSON::VARCHAR::BLOB', 'varbyte'),
    'decimal_precision': macro(
        f"(x) AS CASE WHEN {_TYPE} = 'DECIMAL' "
        "THEN length(ltrim(replace(ltrim(x::VARCHAR, '-'), '.', ''), '0')) END::INTEGER",
        'int4',
    ),
    'decimal_scale': macro(
        f"(x) AS CASE WHEN {_TYPE} = 'DECIMAL' THEN length(split_part(x::VARCHAR, '.', 2)) END"
        '::INTEGER',
        'int4',
    ),
    'is_array': macro("(x) AS starts_with(variant_typeof(x), 'ARRAY')", 'bool'),
    'is_bigint': _is_whole(-(2**63), 2**63 - 1),
    'is_boolean': macro("(x) AS starts_with(variant_typeof(x), 'BOOL')", 'bool'),
    'is_char': macro("(x) AS variant_typeof(x) = 'VARCHAR' AND length(x::VARCHAR) = 1", 'bool'),
    'is_decimal': macro(f"(x) AS {_TYPE} = 'DECIMAL' OR {_TYPE} IN {_WHOLE}", 'bool'),
    'is_float': macro(f"(x) AS {_TYPE} IN ('DOUBLE', 'FLOAT')", 'bool'),
    'is_integer': _is_whole(-(2**31), 2**31 - 1),
    'is_object': macro("(x) AS starts_with(variant_typeof(x), 'OBJECT')", 'bool'),
    'is_scalar': macro(
        "(x) AS NOT starts_with(variant_typeof(x), 'ARRAY') "
        "AND NOT starts_with(variant_typeof(x), 'OBJECT')",
        'bool',
    ),
    'is_smallint': _is_whole(-(2**15), 2**15 - 1),
    'is_varchar': macro("(x) AS variant_typeof(x) = 'VARCHAR'", 'bool'),
    'json_size': macro('(x) AS strlen(x::JSON::VARCHAR)::INTEGER', 'int4'),
    'json_typeof': macro(
        f"(x) AS CASE WHEN {_NUMBER} THEN 'number' ELSE CASE {_TYPE} WHEN 'ARRAY' THEN 'array' "
        "WHEN 'OBJECT' THEN 'object' WHEN 'VARCHAR' THEN 'string' "
        "WHEN 'BOOL_TRUE' THEN 'boolean' WHEN 'BOOL_FALSE' THEN 'boolean' "
        "WHEN 'VARIANT_NULL' THEN 'null' END END",
        'varchar',
    ),
    'size': missing('how many bytes Redshift takes for a SUPER is its own affair'),
}
_HEX = "CASE WHEN length(x) % 2 = 1 THEN '0' || x ELSE x END"
_BINARY = """
    array_to_string(list_transform(range(octet_length({0})), lambda i:
        printf('%08b', ('0x' || substring(hex({0}), 2 * i + 1, 2))::BIGINT)), '')
"""
VARBYTE = {
    'from_hex': macro(f'(x) AS unhex({_HEX})', 'varbyte'),
    'from_varbyte': macro(
        f"""(x, format) AS CASE lower(format) WHEN 'hex' THEN lower(hex(x::BLOB))
            WHEN 'binary' THEN {_BINARY.format('x::BLOB')}
            WHEN 'base64' THEN base64(x::BLOB)
            WHEN 'utf8' THEN decode(x::BLOB) WHEN 'utf-8' THEN decode(x::BLOB)
            ELSE error('Invalid format: ' || format) END""",
        'varchar',
    ),
    'getbit': macro(
        '(x, n) AS (("right"(' + _BINARY.format('x') + ', n::INTEGER + 1))[1])::INTEGER', 'int4'
    ),
    'to_hex': macro(
        '(x BLOB) AS lower(hex(x)), (x VARCHAR) AS lower(hex(x)), '
        "(x) AS lower(printf('%x', x::BIGINT))",
        'varchar',
    ),
    'to_varbyte': macro(
        f"""(x, format) AS CASE lower(format) WHEN 'hex' THEN TRY(unhex({_HEX}))
            WHEN 'base64' THEN TRY(from_base64(x))
            WHEN 'utf8' THEN encode(x) WHEN 'utf-8' THEN encode(x)
            WHEN 'binary' THEN TRY(unhex(array_to_string(list_transform(range(length(x) // 4),
                lambda i: printf(
                    '%x', TRY_CAST('0b' || substring(x, 4 * i + 1, 4) AS BIGINT)
                )), '')))
            ELSE error('Invalid format: ' || format) END""",
        'varbyte',
    ),
}
