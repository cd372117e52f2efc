"""SUPER: navigation, arrays, objects, JSON, type information; VARBYTE; functions of the system.

https://docs.aws.amazon.com/redshift/latest/dg/super-overview.html
"""

from collections.abc import Callable

import pytest

Rows = list[list[str]]

ORDERS = """
    WITH o AS (SELECT JSON_PARSE('{"id": 7, "price": 2.5, "who": {"name": "Zoë", "vip": true},
        "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 3}], "tags": ["x", "y"], "no": null,
        "odd \\\\"key\\\\"": 1}') AS c)
"""


@pytest.mark.parametrize(
    ('expression', 'expected'),
    [
        ('ARRAY(1, 50, NULL, 100)', '[1,50,null,100]'),
        ("ARRAY(1, 'abc', TRUE, 3.14)", '[1,"abc",true,3.14]'),
        ('ARRAY()', '[]'),
        ('ARRAY_CONCAT(ARRAY(1, 2), ARRAY(3))', '[1,2,3]'),
        ("ARRAY_CONCAT(ARRAY(1), ARRAY('a'))", '[1,"a"]'),
        ('ARRAY_FLATTEN(ARRAY(ARRAY(1, 2), ARRAY(3), 4))', '[1,2,3,4]'),
        ('GET_ARRAY_LENGTH(ARRAY(7, 8, 9))', '3'),
        ("GET_ARRAY_LENGTH(JSON_PARSE('{}')) IS NULL", 'true'),
        ("SPLIT_TO_ARRAY('12|345|6', '|')", '["12","345","6"]'),
        ("SPLIT_TO_ARRAY('a,b')", '["a","b"]'),
        ("SUBARRAY(ARRAY('a', 'b', 'c', 'd'), 1, 2)", '["b","c"]'),
        ("OBJECT()", '{}'),
        ("OBJECT('a', 1, 'b', TRUE, 'c', 3.14)", '{"a":1,"b":true,"c":3.14}'),
        ("OBJECT('o', OBJECT('k', NULL))", '{"o":{"k":null}}'),
        ("CAN_JSON_PARSE('[1, \"a\"]')", 'true'),
        ("CAN_JSON_PARSE('[1,')", 'false'),
        ("IS_VALID_JSON('{\"a\": {\"b\": 1}}')", 'true'),
        ("IS_VALID_JSON('[1, 2]')", 'false'),
        ("IS_VALID_JSON('{1: \"a\"}')", 'false'),
        ("IS_VALID_JSON_ARRAY('[]')", 'true'),
        ("IS_VALID_JSON_ARRAY('{\"a\": 1}')", 'false'),
        ("IS_VALID_JSON_ARRAY('a')", 'false'),
        ("JSON_ARRAY_LENGTH('[11, 12, {\"f\": [1, 2]}]')", '3'),
        ("JSON_ARRAY_LENGTH('[1, 2', TRUE) IS NULL", 'true'),
        ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[111, \"b\", 113]', 1)", 'b'),
        ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[111', 0, TRUE) IS NULL", 'true'),
        ("JSON_EXTRACT_PATH_TEXT('{\"f2\": {\"f3\": 1}, \"f4\": {\"f6\": \"star\"}}', 'f4', 'f6')",
         'star'),
        ("JSON_EXTRACT_PATH_TEXT('{\"a\": {\"b\": [1, 2]}}', 'a', 'b')", '[1,2]'),
        ("JSON_EXTRACT_PATH_TEXT('{\"a.b\": 5}', 'a.b')", '5'),
        ("JSON_EXTRACT_PATH_TEXT('{\"a', 'a', TRUE) IS NULL", 'true'),
        ("JSON_PARSE('[10001, \"abc\"]')", '[10001,"abc"]'),
        ("JSON_SERIALIZE(JSON_PARSE('{\"a\": [1, null]}'))", '{"a":[1,null]}'),
        ("JSON_SERIALIZE_TO_VARBYTE(JSON_PARSE('[1]'))", '5b315d'),
        ("JSON_SIZE(JSON_PARSE('[1, \"é\"]'))", '8'),
        ('JSON_TYPEOF(ARRAY(1))', 'array'),
        ("JSON_TYPEOF(OBJECT('a', 1))", 'object'),
        ("JSON_TYPEOF(JSON_PARSE('\"s\"'))", 'string'),
        ("JSON_TYPEOF(JSON_PARSE('1.5'))", 'number'),
        ("JSON_TYPEOF(JSON_PARSE('true'))", 'boolean'),
        ('DECIMAL_PRECISION(3.14159::SUPER)', '6'),
        ('DECIMAL_SCALE(3.14159::SUPER)', '5'),
        ("IS_ARRAY(JSON_PARSE('[1]'))", 'true'),
        ('IS_BIGINT(5::SUPER)', 'true'),
        ('IS_BOOLEAN(TRUE::SUPER)', 'true'),
        ("IS_CHAR('t'::SUPER)", 'true'),
        ('IS_DECIMAL(1.22::SUPER)', 'true'),
        ('IS_FLOAT(2.22::FLOAT::SUPER)', 'true'),
        ('IS_INTEGER(5::SUPER)', 'true'),
        ('IS_SMALLINT(70000::SUPER)', 'false'),
        ("IS_OBJECT(JSON_PARSE('{}'))", 'true'),
        ("IS_SCALAR(JSON_PARSE('{}'))", 'false'),
        ("IS_SCALAR(JSON_PARSE('1'))", 'true'),
        ("IS_VARCHAR('abc'::SUPER)", 'true'),
        ("FROM_HEX('6162')", '6162'),
        ("FROM_VARBYTE('ab'::VARBYTE, 'hex')", '6162'),
        ("FROM_VARBYTE(FROM_HEX('4d'), 'binary')", '01001101'),
        ("FROM_VARBYTE('hé'::VARBYTE, 'utf8')", 'hé'),
        ("FROM_VARBYTE('ab'::VARBYTE, 'base64')", 'YWI='),
        ("GETBIT(FROM_HEX('4d'), 2)", '1'),
        ("GETBIT(FROM_HEX('4d'), 7)", '0'),
        ('TO_HEX(2147676847)', '8002f2af'),
        ("TO_HEX('abc'::VARBYTE)", '616263'),
        ("TO_VARBYTE('6162', 'hex')", '6162'),
        ("TO_VARBYTE('4', 'hex')", '04'),
        ("TO_VARBYTE('01001101', 'binary')", '4d'),
        ("TO_VARBYTE('a', 'utf8')", '61'),
        ("'a'::VARBYTE || 'b'::VARBYTE", '6162'),
        ("'a'::VARBYTE + 'b'::VARBYTE", '6162'),
        ("'a'::VARBYTE < 'b'::VARBYTE", 'true'),
        ("FROM_VARBYTE(~'a'::VARBYTE, 'binary')", '10011110'),
        ("FROM_VARBYTE('a'::VARBYTE & 'b'::VARBYTE, 'binary')", '01100000'),
        ("'a'::VARBYTE | 'b'::VARBYTE", '63'),
        ("'a'::VARBYTE # 'b'::VARBYTE", '03'),
        ("'abc'::VARBYTE::VARCHAR", 'abc'),
        ("CONCAT('abc'::VARBYTE, 'de'::VARBYTE)", '6162636465'),
        ('CURRENT_DATABASE()', 'dev'),
        ('CURRENT_SCHEMA()', 'public'),
        ('CURRENT_USER = SESSION_USER AND USER = CURRENT_USER', 'true'),
        ('CURRENT_AWS_ACCOUNT', '123456789012'),
        ("HAS_TABLE_PRIVILEGE('shop.orders', 'select')", 'true'),
        ("PG_BACKEND_PID() > 0", 'true'),
        ("VERSION() LIKE 'PostgreSQL 8.0.2 %'", 'true'),
        ("SET_CONFIG('app.colour', 'red', FALSE)", 'red'),
    ],
)  # fmt: skip
def test_function(value: Callable[[str], str], expression: str, expected: str) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ('query', 'expected'),
    [
        ('SELECT c.id, o.c.id, c.who.name FROM o', [['7', '7', '"Zoë"']]),
        ('SELECT o.c.lines[1].sku, c.tags[0], c.tags[9] FROM o', [['"b"', '"x"', '']]),
        ('SELECT c.nosuch, c.id.deeper, c.tags.x, c.who[0], c.no FROM o', [[''] * 5]),
        ('SELECT c.who.name::VARCHAR, c.id::INT + 1, c.price + 1 FROM o', [['Zoë', '8', '3.5']]),
        ("SELECT c.who.name = 'Zoë', c.id = 7, c.price > 2.4, c.who.vip = TRUE FROM o",
         [['true'] * 4]),
        ("SELECT c.id FROM o WHERE c.who.name LIKE 'Z%' AND c.id BETWEEN 1 AND 9", [['7']]),
        ("SELECT 'x' || c.who.name, c.id || '' FROM o", [['xZoë', '7']]),
        ('SELECT l.sku, l.n FROM o, o.c.lines AS l ORDER BY 1', [['"a"', '2'], ['"b"', '3']]),
        ('SELECT SUM(l.n), MAX(i) FROM o, o.c.lines AS l AT i', [['5.0', '1']]),
        ('SELECT t, i FROM o, o.c.tags AS t AT i ORDER BY i', [['"x"', '0'], ['"y"', '1']]),
        ('SELECT k, v FROM o, UNPIVOT o.c.who AS v AT k ORDER BY k',
         [['name', '"Zoë"'], ['vip', 'true']]),
        ('SELECT COUNT(*) FROM o, o.c.nosuch AS n', [['0']]),
        ('SELECT COUNT(*) FROM o o1, o1.c.lines AS l, UNPIVOT l AS v AT k', [['4']]),
        ('SELECT c FROM (SELECT c.who AS c FROM o)', [['{"name":"Zoë","vip":true}']]),
        ('SELECT c.who.vip, COUNT(*) FROM o GROUP BY c.who.vip', [['true', '1']]),
    ],
)  # fmt: skip
def test_navigation(ask: Callable[[str], Rows], query: str, expected: Rows) -> None:
    assert ask(f'{ORDERS} {query}') == expected


def test_super_column_of_a_table_is_navigated(ask: Callable[[str], Rows]) -> None:
    found = ask("""
        CREATE TEMP TABLE events (id INT, body SUPER);;
        INSERT INTO events VALUES (1, JSON_PARSE('{"a": [1, 2]}')), (2, NULL),
            (3, '"text"'::SUPER);;
        SELECT id, e.body.a[1], body FROM events e ORDER BY id
    """)
    assert found == [['1', '2', '{"a":[1,2]}'], ['2', '', ''], ['3', '', '"\\"text\\""']]


def test_collation_is_that_of_the_column(ask: Callable[[str], Rows]) -> None:
    found = ask("""
        CREATE TEMP TABLE names (a VARCHAR(9) COLLATE case_sensitive,
            b VARCHAR(9) COLLATE case_insensitive);;
        INSERT INTO names VALUES ('john', 'john');;
        SELECT a = 'JOHN', b = 'JOHN ', COLLATE(a, 'case_insensitive') = 'JOHN' FROM names
    """)
    assert found == [['false', 'true', 'true']]


@pytest.mark.parametrize(
    ('sql', 'message'),
    [
        ("SELECT JSON_PARSE('[1,')", 'JSON parsing error'),
        ("SELECT JSON_EXTRACT_PATH_TEXT('{\"a', 'a')", 'JSON parsing error'),
        ("SELECT OBJECT('a')", 'object() requires an even number of arguments'),
        ("SELECT TO_VARBYTE('a', 'rot13')", 'Invalid format: rot13'),
        ('SELECT HLL(1)', ('HLL is not available in the emulator: '
         'it has no sketches of HyperLogLog')),
        ('SELECT ST_Point(1, 2)', 'ST_POINT is not available in the emulator: it has no geometry'),
        ("SELECT '01'::GEOMETRY", 'GEOMETRY is not available in the emulator'),
    ],
)  # fmt: skip
def test_what_is_wrong_or_missing_is_said(
    refusal: Callable[[str], str], sql: str, message: str
) -> None:
    assert refusal(sql) == message
