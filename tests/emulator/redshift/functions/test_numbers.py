"""Math functions, NUMERICs and hash functions.

https://docs.aws.amazon.com/redshift/latest/dg/Math_functions.html
"""

import math
from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ('expression', 'expected'),
    [
        ('ABS(-38)', '38'),
        ('ABS(-10.25)', '10.25'),
        ('@ -5', '5'),
        ('CEILING(2.1)', '3'),
        ('CEIL(-2.9)', '-2'),
        ('FLOOR(2.9)', '2'),
        ('FLOOR(-2.1)', '-3'),
        ('MOD(10, 4)', '2'),
        ('MOD(10.5, 4)', '2.5'),
        ('MOD(-7, 3)', '-1'),
        ('11 % 4', '3'),
        ('ROUND(28.05)', '28'),
        ('ROUND(28.05, 1)', '28.1'),
        ('ROUND(-2.5)', '-3'),
        ('ROUND(1234.5, -2)', '1200'),
        ('SIGN(-4.25)', '-1'),
        ('SIGN(0)', '0'),
        ('TRUNC(111.15)', '111'),
        ('TRUNC(111.15, 1)', '111.1'),
        ('TRUNC(-111.15)', '-111'),
        ('GREATEST(3, 9, 4)', '9'),
        ('8 & 12', '8'),
        ('8 | 1', '9'),
        ('1 << 4', '16'),
        ('~1', '-2'),
        ('2 + 3 * 4', '14'),
        ('7 / 2', '3'),
        ('-7 / 2', '-3'),
        ('2.0 / 3', '0.666666666666'),
        ('1::NUMERIC(8, 2) / 3::NUMERIC(8, 2)', '0.333333333'),
        ('10.00 / 4.0', '2.5000'),
        ('-2.0 / 3', '-0.666666666666'),
        ('1234567890123.45 / 7::NUMERIC(4, 0)', '176366841446.2071428'),
        ('1::NUMERIC(19, 0) / 8::NUMERIC(19, 0)', '0.1250000000000000000'),
        ('5 / 2::FLOAT8', '2.5'),
        ('1.5 * 1.25', '1.875'),
        ('0.1 + 0.2 = 0.3', 'true'),
        ('CAST(109.652 AS DECIMAL(4, 1))', '109.7'),
        ('CAST(162.5 AS INTEGER)', '163'),
        ('CAST(2008 AS CHAR(4))', '2008'),
        ("CONVERT(INTEGER, '42')", '42'),
        ('1::FLOAT8::VARCHAR', '1'),
        ('(1 / 3::FLOAT8)::VARCHAR', '0.333333333333333'),
        ('0.1::FLOAT4::VARCHAR', '0.1'),
        ('1e20::FLOAT8::VARCHAR', '1e+20'),
        ("'NaN'::FLOAT8::VARCHAR", 'NaN'),
        ('TRUE::INT', '1'),
        ('NULL::FLOAT8 IS NULL', 'true'),
        ("TRY_CAST('x' AS INT) IS NULL", 'true'),
        ("MD5('Amazon Redshift')", 'f7415e33f972c03abd4f3fed36748f7a'),
        ("SHA('abc')", 'a9993e364706816aba3e25717850c26c9cd0d89d'),
        ("SHA1('abc') = FUNC_SHA1('abc')", 'true'),
        ("SHA2('abc', 256)", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
        ("SHA2('abc', 0) = SHA2('abc', 256)", 'true'),
        ("FNV_HASH('Amazon Redshift')", '7783490368944507294'),
        ('FNV_HASH(1)', '-5968735742475085980'),
        ('FNV_HASH(1::SMALLINT)', '589727492704079044'),
        ('FNV_HASH(1::BIGINT)', '-8517097267634966620'),
        ("FNV_HASH('cd', FNV_HASH('ab')) = FNV_HASH('abcd')", 'true'),
        ("FNV_HASH('')", '-3750763034362895579'),
    ],
)  # fmt: skip
def test_number_is_exact(value: Callable[[str], str], expression: str, expected: str) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ('expression', 'expected'),
    [
        ('ACOS(-1)', math.pi),
        ('ASIN(0.5) * 180 / PI()', 30),
        ('ATAN(1) * 4', math.pi),
        ('ATAN2(2, 2) * 4', math.pi),
        ('CBRT(27)', 3),
        ('COS(0)', 1),
        ('COT(1)', 0.642092615934331),
        ('DEGREES(0.5)', 28.6478897565412),
        ('DEXP(1)', math.e),
        ('DLOG1(10)', math.log(10)),
        ('DLOG10(100)', 2),
        ('EXP(0)', 1),
        ('LN(2.718281828)', 0.9999999998311267),
        ('LOG(1000)', 3),
        ('PI()', math.pi),
        ('POWER(9, 3)', 729),
        ('POW(2, 0.5)', math.sqrt(2)),
        ('2 ^ 10', 1024),
        ('RADIANS(180)', math.pi),
        ('SIN(1)', math.sin(1)),
        ('SQRT(16)', 4),
        ("SQRT('16')", 4),
        ('|/ 25', 5),
        ('||/ 64', 4),
        ('TAN(0)', 0),
    ],
)  # fmt: skip
def test_number_is_as_near_as_a_float(
    value: Callable[[str], str], expression: str, expected: float
) -> None:
    assert float(value(expression)) == pytest.approx(expected, rel=1e-14, abs=1e-14)


def test_random_is_between_0_and_1(value: Callable[[str], str]) -> None:
    assert value('RANDOM() >= 0 AND RANDOM() < 1') == 'true'


@pytest.mark.parametrize(
    ('expression', 'expected'),
    [
        ("COALESCE(NULL, 'fallback', 12)", 'fallback'),
        ("COALESCE(NULL, 7, '8')", '7'),
        ("DECODE(3, 1, 'one', 3, 'three', 'other')", 'three'),
        ("DECODE(NULL, NULL, 'none', 'some')", 'none'),
        ("DECODE('a ', 'a', 1, 0)", '1'),
        ("DECODE(5, 1, 'one') IS NULL", 'true'),
        ("GREATEST('b', NULL, 'c')", 'c'),
        ('LEAST(NULL, 4, 2)', '2'),
        ('NVL(NULL, 3)', '3'),
        ("NVL2(NULL, 'given', 'absent')", 'absent'),
        ("NVL2('x', 'given', 'absent')", 'given'),
        ("NULLIF('a', 'a  ') IS NULL", 'true'),
        ('NULLIF(1, 2)', '1'),
        ('ISNULL(NULL, 5)', '5'),
        ("CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END", 'b'),
        ("CASE 'x' WHEN 'y' THEN 1 WHEN 'x' THEN 2 END", '2'),
    ],
)  # fmt: skip
def test_conditional_expression(
    value: Callable[[str], str], expression: str, expected: str
) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ('sql', 'message'),
    [
        ('SELECT 1.5 / 0', 'Divide by zero'),
        ('SELECT 1::FLOAT8 / 0', 'Divide by zero'),
        ('SELECT 1 / (order_id - order_id) FROM shop.orders', 'Divide by zero'),
        ('SELECT TRUE::VARCHAR', 'cannot cast type boolean to character varying'),
        ("SELECT 'x'::INT", 'invalid input syntax for integer: "x"'),
        ("SELECT SHA2('a', 512)",
         'SHA2 of this number of bits is not available in the emulator'),
        ('SELECT 1::UUID', 'type "uuid" does not exist'),
    ],
)  # fmt: skip
def test_wrong_number_is_refused(refusal: Callable[[str], str], sql: str, message: str) -> None:
    assert refusal(sql) == message
