"""Functions about the system, the names of types as functions, and what this machine has not."""

from sqlglot import exp

from emulator.redshift.functions.becomes import Becomes, macro, missing, rule, same
from emulator.redshift.functions.number_pictures import number_of_text
from emulator.redshift.functions.refused import SqlError

DB_USER = 'IAM:emulator'
_USER = f"() AS '{DB_USER}'"


def _cast(type_name: str) -> Becomes:
    def becomes(node: exp.Anonymous) -> exp.Expr:
        return exp.cast(node.expressions[0], type_name, dialect='redshift')

    return rule(becomes, type_name)


def _text_to_numeric(node: exp.Anonymous) -> exp.Expr:
    text, *rest = node.expressions
    if len(rest) > 2:
        raise SqlError('ERROR: A format of TEXT_TO_NUMERIC_ALT is not available in the emulator')
    precision, scale = [part.name for part in rest] if rest else ('38', '0')
    number = exp.cast(exp.Anonymous(this='redshift_either_sign', expressions=[text]), 'varchar')
    return exp.cast(number, f'decimal({precision}, {scale})', dialect='duckdb')


SYSTEM_MACROS = {
    # A sign may stand behind the number, an exponent too.
    'redshift_either_sign': """
        (x) AS CASE WHEN regexp_matches(trim(x), '[+-]$')
            THEN regexp_replace(trim(x), '^(.*)([+-])$', '\\2\\1') ELSE trim(x) END
    """,
    'redshift_join': '(a BLOB, b BLOB) AS a || b, (a, b) AS a::VARCHAR || b::VARCHAR',
}
_PRIVILEGE = '(x, y) AS true, (x, y, z) AS true'
SYSTEM: dict[str, Becomes] = {
    'bool': _cast('bool'),
    'bpchar': _cast('bpchar'),
    'current_aws_account': macro("() AS '123456789012'", 'varchar'),
    'current_database': same('varchar'),
    'current_namespace': macro("() AS '00000000-0000-0000-0000-000000000000'", 'varchar'),
    'current_schema': same('varchar'),
    # Settings of the session: they are read and set before the statement runs.
    'current_setting': same('varchar'),
    'current_user': macro(_USER, 'varchar'),
    'current_user_id': macro('() AS 100::INTEGER', 'int4'),
    'date': _cast('date'),
    'float4': _cast('float4'),
    'float8': _cast('float8'),
    'generate_series': same(),
    'has_database_privilege': macro(_PRIVILEGE, 'bool'),
    'has_schema_privilege': macro(_PRIVILEGE, 'bool'),
    'has_table_privilege': macro(_PRIVILEGE, 'bool'),
    'int2': _cast('int2'),
    'int4': _cast('int4'),
    'int8': _cast('int8'),
    'pg_backend_pid': macro('() AS 1073741824', 'int4'),
    'set_config': same('varchar'),
    'session_user': macro(_USER, 'varchar'),
    'slice_num': macro('() AS 0', 'int4'),
    'text': _cast('text'),
    'text_to_int_alt': macro(
        '(x) AS trunc(redshift_either_sign(x)::DOUBLE)::INTEGER, '
        "(x, how) AS error('A format of TEXT_TO_INT_ALT is not available in the emulator')",
        'int4',
    ),
    'text_to_numeric_alt': rule(_text_to_numeric, 'numeric'),
    'timestamptz': _cast('timestamptz'),
    'to_number': rule(number_of_text),
    'user': macro(_USER, 'varchar'),
    'user_is_member_of': macro('(x, y) AS false', 'bool'),
    'version': macro(
        "() AS 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0 (emulator)'", 'varchar'
    ),
}
_NOT_HERE = {
    'sketches of HyperLogLog': """
        hll hll_cardinality hll_combine hll_combine_sketches hll_create_sketch
    """,
    'machine learning': 'explain_model',
    'roles': """
        current_session_arn default_iam_role get_mounted_role has_assumerole_privilege
        last_user_query_id pg_get_grantee_by_iam_role pg_get_iam_role_by_user pg_get_session_roles
        role_is_member_of
    """,
    'way to other statements': """
        change_query_priority change_session_priority change_user_priority pg_cancel_backend
        pg_last_copy_count pg_last_copy_id pg_last_query_id pg_last_unload_count pg_last_unload_id
        pg_terminate_backend reboot_cluster
    """,
    'leader node': """
        array_lower array_to_string array_upper col_description current_schemas format_type get_byte
        obj_description pg_get_cols pg_get_late_binding_view_cols set_bit set_byte string_to_array
    """,
    'newer functions of arrays and objects': """
        array_except array_intersection array_positions array_sort array_union arrays_overlap
        get_number_attributes lower_attribute_names object_transform upper_attribute_names
    """,
}
NOT_HERE = {
    name: missing(f'it has no {reason}')
    for reason, names in _NOT_HERE.items()
    for name in names.split()
}
