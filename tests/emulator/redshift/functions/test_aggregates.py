"""Aggregate, bit-wise aggregate and window functions.

https://docs.aws.amazon.com/redshift/latest/dg/c_Aggregate_Functions.html
"""

from collections.abc import Callable

import pytest

Rows = list[list[str]]

# Eight sales of three sellers; one has no number of pieces.
SALES = """
    WITH sales (id, seller, day, pieces, price, paid) AS (
        SELECT 1, 'ann', DATE '2024-01-01', 3, 10.00::NUMERIC(8, 2), TRUE
        UNION ALL SELECT 2, 'ann', DATE '2024-01-02', 1, 2.50, TRUE
        UNION ALL SELECT 3, 'bob', DATE '2024-01-02', 5, 4.25, FALSE
        UNION ALL SELECT 4, 'bob', DATE '2024-01-03', NULL, 8.00, TRUE
        UNION ALL SELECT 5, 'bob', DATE '2024-01-04', 2, 1.00, TRUE
        UNION ALL SELECT 6, 'cyd', DATE '2024-01-04', 3, 6.00, FALSE
        UNION ALL SELECT 7, 'cyd', DATE '2024-01-05', 4, 7.75, TRUE
        UNION ALL SELECT 8, 'ann', DATE '2024-01-06', 4, 3.00, TRUE
    )
"""


@pytest.mark.parametrize(
    ('expression', 'expected'),
    [
        ("ANY_VALUE(seller)", 'ann'),
        ('APPROXIMATE COUNT(DISTINCT seller)', '3'),
        ('APPROXIMATE PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY id)', '4'),
        ('AVG(pieces)', '3'),
        ('AVG(price)', '5.31'),
        ('AVG(price::FLOAT8)', '5.3125'),
        ('AVG(DISTINCT pieces)', '3'),
        ('COUNT(*)', '8'),
        ('COUNT(pieces)', '7'),
        ('COUNT(DISTINCT seller)', '3'),
        ("LISTAGG(id) WITHIN GROUP (ORDER BY id)", '12345678'),
        ("LISTAGG(seller, ', ') WITHIN GROUP (ORDER BY id DESC)",
         'ann, cyd, cyd, bob, bob, bob, ann, ann'),
        ("LISTAGG(DISTINCT seller, '/') WITHIN GROUP (ORDER BY seller)", 'ann/bob/cyd'),
        ('MAX(price)', '10.00'),
        ("MAX(seller)", 'cyd'),
        ('MIN(day)', '2024-01-01'),
        ('MEDIAN(pieces)', '3.0'),
        ('PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY id)', '4.5'),
        ('PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY id DESC)', '6.25'),
        ('PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY id)', '4'),
        ('STDDEV_POP(id)', '2.29128784747792'),
        ('ROUND(STDDEV_SAMP(id)::NUMERIC(10, 4), 4)', '2.4495'),
        ('STDDEV(id) = STDDEV_SAMP(id)', 'true'),
        ('VAR_POP(id)', '5.25'),
        ('VAR_SAMP(id)', '6.0'),
        ('VARIANCE(id)', '6.0'),
        ('SUM(pieces)', '22'),
        ('SUM(price)', '42.50'),
        ('SUM(DISTINCT pieces)', '15'),
        ('SUM(price) / COUNT(*)', '5.3125'),
        ('SUM(price * pieces)', '116.75'),
        ('BIT_AND(pieces)', '0'),
        ('BIT_OR(pieces)', '7'),
        ('BOOL_AND(paid)', 'false'),
        ('BOOL_OR(paid)', 'true'),
        ("SUM(CASE WHEN paid THEN 1 ELSE 0 END)", '6'),
    ],
)  # fmt: skip
def test_aggregate(ask: Callable[[str], Rows], expression: str, expected: str) -> None:
    assert ask(f'{SALES} SELECT {expression} FROM sales') == [[expected]]


@pytest.mark.parametrize(
    ('query', 'expected'),
    [
        (('SELECT seller, COUNT(*), GROUPING(seller) FROM sales GROUP BY ROLLUP (seller) '
         'ORDER BY 3, 1'),
         [['ann', '3', '0'], ['bob', '3', '0'], ['cyd', '2', '0'], ['', '8', '1']]),
        ('SELECT seller, SUM(pieces) FROM sales GROUP BY seller HAVING SUM(pieces) > 7 ORDER BY 1',
         [['ann', '8']]),
        ('SELECT seller FROM sales GROUP BY 1 ORDER BY MAX(price) DESC',
         [['ann'], ['bob'], ['cyd']]),
        ('SELECT DISTINCT seller FROM sales ORDER BY seller LIMIT 2', [['ann'], ['bob']]),
        ('SELECT TOP 1 id FROM sales ORDER BY price', [['5']]),
        (("SELECT * FROM (SELECT seller, pieces FROM sales) "
         "PIVOT (SUM(pieces) FOR seller IN ('ann', 'cyd' AS c))"), [['8', '7']]),
        (('SELECT * FROM (SELECT id, pieces, price FROM sales WHERE id = 5) '
         'UNPIVOT (amount FOR what IN (pieces, price)) ORDER BY 2'),
         [['5', 'pieces', '2.00'], ['5', 'price', '1.00']]),
    ],
)  # fmt: skip
def test_groups(ask: Callable[[str], Rows], query: str, expected: Rows) -> None:
    assert ask(f'{SALES} {query}') == expected


@pytest.mark.parametrize(
    ('expression', 'expected'),
    [
        ('AVG(pieces) OVER (PARTITION BY seller)', '2 2 3 3 3 3 3 2'),
        ('AVG(price) OVER ()', '5.31 5.31 5.31 5.31 5.31 5.31 5.31 5.31'),
        ('COUNT(pieces) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)', '1 2 3 3 4 5 6 7'),
        ('CUME_DIST() OVER (ORDER BY day)', '0.125 0.375 0.375 0.5 0.75 0.75 0.875 1.0'),
        ('DENSE_RANK() OVER (ORDER BY day)', '1 2 2 3 4 4 5 6'),
        (('FIRST_VALUE(id) OVER (PARTITION BY seller ORDER BY id DESC '
         'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)'), '8 8 5 5 5 7 7 8'),
        (('FIRST_VALUE(pieces) IGNORE NULLS OVER (ORDER BY id DESC '
         'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)'), '3 1 5 5 2 3 4 4'),
        ('LAST_VALUE(pieces IGNORE NULLS) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)',
         '3 1 5 5 2 3 4 4'),
        ('LAST_VALUE(pieces) RESPECT NULLS OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)',
         '3 1 5 - 2 3 4 4'),
        ('LAG(id, 2) OVER (ORDER BY id)', '- - 1 2 3 4 5 6'),
        ('LAG(pieces) IGNORE NULLS OVER (ORDER BY id)', '- 3 1 5 5 2 3 4'),
        ('LEAD(id) OVER (PARTITION BY seller ORDER BY id)', '2 8 4 5 - 7 - -'),
        ("LISTAGG(id, '+') WITHIN GROUP (ORDER BY id) OVER (PARTITION BY seller)",
         '1+2+8 1+2+8 3+4+5 3+4+5 3+4+5 6+7 6+7 1+2+8'),
        ('MAX(price) OVER (PARTITION BY seller)',
         '10.00 10.00 8.00 8.00 8.00 7.75 7.75 10.00'),
        ('MEDIAN(id) OVER (PARTITION BY seller)', '2.0 2.0 4.0 4.0 4.0 6.5 6.5 2.0'),
        ('MIN(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)',
         '1 1 2 3 4 5 6 7'),
        (('NTH_VALUE(id, 2) OVER (PARTITION BY seller ORDER BY id '
         'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)'), '2 2 4 4 4 7 7 2'),
        ('NTILE(3) OVER (ORDER BY id)', '1 1 1 2 2 2 3 3'),
        ('PERCENT_RANK() OVER (PARTITION BY seller ORDER BY id)',
         '0.0 0.5 0.0 0.5 1.0 0.0 1.0 1.0'),
        ('PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY id) OVER (PARTITION BY seller)',
         '2.0 2.0 4.0 4.0 4.0 6.5 6.5 2.0'),
        ('PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY id) OVER (PARTITION BY seller)',
         '8 8 5 5 5 7 7 8'),
        ('RANK() OVER (ORDER BY day)', '1 2 2 4 5 5 7 8'),
        ('RATIO_TO_REPORT(id) OVER (PARTITION BY (id > 6))::NUMERIC(5, 3)',
         '0.048 0.095 0.143 0.190 0.238 0.286 0.467 0.533'),
        ('ROW_NUMBER() OVER (PARTITION BY seller ORDER BY id)', '1 2 1 2 3 1 2 3'),
        ('STDDEV_POP(id) OVER (PARTITION BY (id > 6))::NUMERIC(5, 3)',
         '1.708 1.708 1.708 1.708 1.708 1.708 0.500 0.500'),
        ('SUM(price) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)',
         '10.00 12.50 16.75 24.75 25.75 31.75 39.50 42.50'),
        ('VAR_SAMP(id) OVER (PARTITION BY (id > 6))', '3.5 3.5 3.5 3.5 3.5 3.5 0.5 0.5'),
    ],
)  # fmt: skip
def test_window(ask: Callable[[str], Rows], expression: str, expected: str) -> None:
    found = ask(f'{SALES} SELECT id, {expression} FROM sales ORDER BY id')
    assert ' '.join(each or '-' for _, each in found) == expected


@pytest.mark.parametrize(
    ('expression', 'expected'),
    [
        ("LEN(MAX(seller)) + LEN(MIN(seller)::VARBYTE)", '6'),
        ("SUBSTRING(MAX(seller), 1, 2)", 'cy'),
        ('TRUNC(MAX(day)::TIMESTAMP)', '2024-01-06'),
        ("DATEDIFF(day, MIN(day), MAX(day))", '5'),
        ("DATEADD(day, COUNT(*), MIN(day)) = '2024-01-09'", 'true'),
        ("TO_CHAR(SUM(price), '999D99')", '  42.50'),
        ("TO_CHAR(MAX(day), 'Mon')", 'Jan'),
        ('TO_HEX(SUM(pieces))', '16'),
        ("MAX(seller) = 'cyd  '", 'true'),
        ('MAX(price) > 9', 'true'),
        ("DECODE(MAX(id), 8, 'eight')", 'eight'),
        ('NULLIF(COUNT(*), 8) IS NULL', 'true'),
        ("CONCAT(MAX(seller), MAX(id))", 'cyd8'),
        ('FNV_HASH(COUNT(*)) = FNV_HASH(8::BIGINT)', 'true'),
        ('AVG(pieces)::FLOAT8::VARCHAR', '3'),
        ('MAX(price)::FLOAT8 / 4', '2.5'),
    ],
)  # fmt: skip
def test_function_over_an_aggregate_is_that_of_its_type(
    ask: Callable[[str], Rows], expression: str, expected: str
) -> None:
    assert ask(f'{SALES} SELECT {expression} FROM sales') == [[expected]]


def test_qualify_chooses_by_a_window(ask: Callable[[str], Rows]) -> None:
    query = """
        SELECT seller, id FROM sales WHERE pieces > 1
        QUALIFY ROW_NUMBER() OVER (PARTITION BY seller ORDER BY price DESC) = 1 ORDER BY 1
    """
    assert ask(SALES + query) == [['ann', '1'], ['bob', '3'], ['cyd', '7']]


def test_recursive_query_goes_up_a_tree(ask: Callable[[str], Rows]) -> None:
    query = """
        WITH RECURSIVE boss (name, above) AS (
            SELECT 'dan', 'cyd' UNION ALL SELECT 'cyd', 'ann' UNION ALL SELECT 'ann', NULL
        ), chain (name, depth) AS (
            SELECT name, 0 FROM boss WHERE name = 'dan'
            UNION ALL SELECT b.above, depth + 1 FROM chain c JOIN boss b ON b.name = c.name
            WHERE b.above IS NOT NULL
        )
        SELECT name, depth FROM chain ORDER BY depth
    """
    assert ask(query) == [['dan', '0'], ['cyd', '1'], ['ann', '2']]


@pytest.mark.parametrize(
    ('joined', 'count'),
    [
        ('c.customer_id = o.customer_id (+)', 1003),
        ('o.customer_id (+) = c.customer_id', 1003),
        ("c.customer_id = o.customer_id (+) AND o.status (+) = 'nosuch'", 200),
        ('c.customer_id = o.customer_id (+) AND c.customer_id < 0', 0),
        ('c.customer_id = o.customer_id', 1000),
    ],
)
def test_old_outer_join(ask: Callable[[str], Rows], joined: str, count: int) -> None:
    sql = f'SELECT COUNT(*) FROM shop.customers c, shop.orders o WHERE {joined}'
    assert ask(sql) == [[str(count)]]


def test_old_outer_join_finds_the_table_of_a_column(ask: Callable[[str], Rows]) -> None:
    sql = """
        SELECT COUNT(*), COUNT(line_number) FROM shop.products p, shop.order_lines l
        WHERE p.product_id + 40 = l.product_id (+) AND line_number (+) = 4
    """
    ((outer, inner),) = ask(sql)
    assert int(outer) == int(inner) + 40
