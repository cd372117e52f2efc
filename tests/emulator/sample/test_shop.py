"""The sample data: plausible, awkward where data is awkward, and always the same."""

from collections.abc import Iterator

import pytest

from emulator.redshift.warehouse import Warehouse


@pytest.fixture(scope='module')
def warehouse() -> Iterator[Warehouse]:
    warehouse = Warehouse('dev', 1)
    yield warehouse
    warehouse.close()


def only(warehouse: Warehouse, query: str) -> tuple[object, ...]:
    (row,) = warehouse.rows(query)
    return row


def test_values_are_the_same_on_every_machine(warehouse: Warehouse) -> None:
    assert only(
        warehouse,
        """
        SELECT name, email, city, country, newsletter, created_at::VARCHAR
        FROM shop.customers WHERE customer_id = 1
        """,
    ) == ('Ngozi Okafor', 'customer1@example.com', 'København', 'DK', True, '2022-06-08 20:34:31')
    assert only(
        warehouse,
        """
        SELECT count(*), sum(quantity), sum(quantity * unit_price)::VARCHAR, sum(product_id),
            count(discount_percent), count(note)
        FROM shop.order_lines
        """,
    ) == (2490, 7349, '410609.37', 62728, 540, 190)


def test_scale_multiplies_the_shop() -> None:
    warehouse = Warehouse('dev', 3)
    counts = only(
        warehouse,
        """
        SELECT (SELECT count(*) FROM shop.customers), (SELECT count(*) FROM shop.products),
            (SELECT count(*) FROM shop.orders),
            (SELECT count(*) BETWEEN 7000 AND 8000 FROM shop.order_lines)
        """,
    )
    warehouse.close()
    assert counts == (600, 150, 3000, True)


def test_tables_agree_with_each_other(warehouse: Warehouse) -> None:
    assert only(
        warehouse,
        """
        SELECT count(*) FROM shop.order_lines l
        LEFT JOIN shop.orders o USING (order_id) LEFT JOIN shop.customers c USING (customer_id)
        LEFT JOIN shop.products p ON p.product_id = l.product_id AND p.price = l.unit_price
        WHERE c.customer_id IS NULL OR p.product_id IS NULL
        """,
    ) == (0,)
    assert only(
        warehouse,
        """
        SELECT count(*), count(DISTINCT order_id), min(line_number), max(line_number)
        FROM shop.order_lines WHERE line_number = 1
        """,
    ) == (1000, 1000, 1, 1)
    assert only(
        warehouse,
        """
        SELECT count(*) FROM shop.orders
        WHERE (shipped_at IS NULL) <> (status IN ('new', 'cancelled')) OR shipped_at <= ordered_at
        """,
    ) == (0,)


def test_data_has_what_breaks_careless_code(warehouse: Warehouse) -> None:
    assert only(
        warehouse,
        """
        SELECT count(phone) < count(*), bool_or(note = ''), bool_or(note IS NULL),
            bool_or(note LIKE '%,%'), bool_or(note LIKE '%"%'), bool_or(contains(note, chr(10))),
            bool_or(name LIKE '%佐藤%'), bool_or(name LIKE '%''%'),
            count(DISTINCT email) = count(*), bool_or(newsletter), bool_and(newsletter)
        FROM shop.customers
        """,
    ) == (True, True, True, True, True, True, True, True, True, True, False)


def test_public_is_empty(warehouse: Warehouse) -> None:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    assert warehouse.rows(query) == []
