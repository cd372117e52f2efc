"""Sample data: a small shop, the same on every machine; a larger scale is a larger shop.

Values are picked by arithmetic on the row's number: DuckDB's own hash may change by version.
"""

# In Redshift's SQL.
TABLES = (
    """
    CREATE TABLE shop.customers (
        customer_id INTEGER NOT NULL,
        name VARCHAR(100) NOT NULL,
        email VARCHAR(256) NOT NULL,
        phone VARCHAR(30),
        city VARCHAR(60),
        country CHAR(2) NOT NULL,
        newsletter BOOLEAN,
        credit_limit NUMERIC(10, 2),
        birth_date DATE,
        note VARCHAR(500),
        created_at TIMESTAMP NOT NULL
    ) DISTKEY (customer_id) SORTKEY (created_at)
    """,
    """
    CREATE TABLE shop.products (
        product_id INTEGER NOT NULL,
        name VARCHAR(100) NOT NULL,
        category VARCHAR(40) NOT NULL,
        price NUMERIC(10, 2) NOT NULL,
        weight_kg DOUBLE PRECISION,
        description VARCHAR(500),
        discontinued BOOLEAN NOT NULL,
        launched_on DATE
    ) DISTSTYLE ALL
    """,
    """
    CREATE TABLE shop.orders (
        order_id BIGINT NOT NULL,
        customer_id INTEGER NOT NULL,
        status VARCHAR(20) NOT NULL,
        channel VARCHAR(10) NOT NULL,
        shipping_fee NUMERIC(8, 2) NOT NULL,
        coupon VARCHAR(20),
        ordered_at TIMESTAMP NOT NULL,
        shipped_at TIMESTAMP,
        updated_at TIMESTAMPTZ NOT NULL
    ) DISTKEY (customer_id) SORTKEY (ordered_at)
    """,
    """
    CREATE TABLE shop.order_lines (
        order_id BIGINT NOT NULL,
        line_number SMALLINT NOT NULL,
        product_id INTEGER NOT NULL,
        quantity INTEGER NOT NULL,
        unit_price NUMERIC(10, 2) NOT NULL,
        discount_percent NUMERIC(5, 2),
        note VARCHAR(200)
    ) DISTKEY (order_id) SORTKEY (order_id)
    """,
)

# In DuckDB's SQL, with the variable ``scale`` set: 200 customers, 50 products, 1000 orders and
# about 2500 lines for each step of it.
ROWS = (
    'CREATE TEMP MACRO mixed(i) AS i::BIGINT * 2654435761 % 4294967296',
    # One of 0 .. n - 1, spread evenly and without order: two rounds of multiply and xor-shift.
    """
    CREATE TEMP MACRO pick(i, salt, n) AS (
        (xor(mixed(i + salt * 1000003), mixed(i + salt * 1000003) >> 13) * 1103515245
            % 4294967296 >> 8) % n
    )::INTEGER
    """,
    'CREATE TEMP MACRO one_of(items, i, salt) AS items[1 + pick(i, salt, len(items))]',
    # The price of a product, which its order lines repeat.
    'CREATE TEMP MACRO price(i) AS (pick(i, 20, 9900) + 100)::DECIMAL(10, 2) / 100',
    """
    INSERT INTO shop.customers
    SELECT i, first || ' ' || last,
        'customer' || i || '@example.com',
        CASE WHEN pick(i, 3, 5) > 0 THEN '+1 555 ' || lpad((i % 10000)::VARCHAR, 4, '0') END,
        CASE WHEN pick(i, 4, 20) > 0 THEN place[1] END,
        place[2],
        CASE pick(i, 5, 3) WHEN 0 THEN NULL WHEN 1 THEN TRUE ELSE FALSE END,
        CASE WHEN pick(i, 6, 4) > 0 THEN pick(i, 7, 100) * 50 END,
        CASE WHEN pick(i, 8, 3) > 0 THEN DATE '1945-01-01' + pick(i, 9, 22000) END,
        CASE WHEN pick(i, 10, 4) = 0 THEN one_of([
            'Prefers e-mail, not phone', 'Said: "call before delivery"',
            E'Ring twice,\\nthen leave at the door', '', 'Größe M; Größe L ausverkauft'
        ], i, 11) END,
        TIMESTAMP '2022-01-01' + to_seconds(pick(i, 12, 63072000))
    FROM (
        SELECT i,
            one_of([
                'Ana', 'Zoë', 'José', 'Łukasz', 'Søren', '美咲', 'Ольга', 'François', 'Thị Mai',
                'Priya', 'Omar', 'Grace', 'Jürgen', 'Chiara', 'Kwame', 'Ngozi', 'Liam', 'Noor'
            ], i, 1) AS first,
            one_of([
                'García', 'Müller', 'O''Brien', 'Nowak', 'Jensen', '佐藤', 'Иванова', 'Dupont',
                'Nguyễn', 'Rao', 'Haddad', 'Smith', 'Rossi', 'Mensah', 'Okafor', 'de Vries'
            ], i, 2) AS last,
            one_of([
                ['Lisboa', 'PT'], ['München', 'DE'], ['Kraków', 'PL'], ['København', 'DK'],
                ['東京', 'JP'], ['Київ', 'UA'], ['Lyon', 'FR'], ['Hà Nội', 'VN'], ['Pune', 'IN'],
                ['Austin', 'US'], ['São Paulo', 'BR'], ['Accra', 'GH'], ['Dublin', 'IE']
            ], i, 13) AS place
        FROM range(1, 200 * getvariable('scale') + 1) AS numbers(i)
    )
    """,
    """
    INSERT INTO shop.products
    SELECT i,
        one_of(['Small', 'Large', 'Blue', 'Oak', 'Steel', 'Classic', 'Extra "XL"'], i, 21)
            || ' ' || kind[1],
        kind[2],
        price(i),
        CASE WHEN kind[2] <> 'Digital' THEN pick(i, 22, 20000) / 1000.0::DOUBLE END,
        CASE WHEN pick(i, 23, 3) > 0 THEN one_of([
            'Hand made, washable', 'Comes in a box marked "fragile"',
            E'Two parts:\\n- body\\n- lid', 'For 230 V ± 10 %, 50/60 Hz'
        ], i, 24) END,
        pick(i, 25, 10) = 0,
        CASE WHEN pick(i, 26, 8) > 0 THEN DATE '2020-01-01' + pick(i, 27, 1800) END
    FROM (
        SELECT i,
            one_of([
                ['Kettle', 'Kitchen'], ['Teapot', 'Kitchen'], ['Café press', 'Kitchen'],
                ['Lamp', 'Living'], ['Rug', 'Living'], ['Cushion', 'Living'], ['Hose', 'Garden'],
                ['Spade', 'Garden'], ['Seeds', 'Garden'], ['E-book', 'Digital'],
                ['Pattern', 'Digital'], ['Puzzle', 'Games'], ['Dice', 'Games']
            ], i, 28) AS kind
        FROM range(1, 50 * getvariable('scale') + 1) AS numbers(i)
    )
    """,
    # Two years of orders, one after another.
    """
    INSERT INTO shop.orders
    SELECT i,
        1 + pick(i, 31, 200 * getvariable('scale')),
        status,
        one_of(['web', 'app', 'store'], i, 33),
        pick(i, 34, 4) * 2.45,
        CASE WHEN pick(i, 35, 6) = 0 THEN one_of(['SPRING,10', 'VIP', 'WELCOME'], i, 36) END,
        ordered_at,
        CASE WHEN status IN ('shipped', 'delivered', 'returned')
            THEN ordered_at + to_hours(4 + pick(i, 37, 96)) END,
        (ordered_at + to_hours(120)) AT TIME ZONE 'UTC'
    FROM (
        SELECT i,
            TIMESTAMP '2024-01-01' + to_seconds(
                63072000 * (i - 1) // (1000 * getvariable('scale')) + pick(i, 38, 3600)
            ) AS ordered_at,
            one_of([
                'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered',
                'shipped', 'new', 'returned', 'cancelled'
            ], i, 32) AS status
        FROM range(1, 1000 * getvariable('scale') + 1) AS numbers(i)
    )
    """,
    # One to four lines an order.
    """
    INSERT INTO shop.order_lines
    SELECT number, line, product_id,
        1 + pick(i, 42, 5),
        price(product_id),
        CASE WHEN pick(i, 43, 5) = 0 THEN 5 * (1 + pick(i, 44, 6)) END,
        CASE WHEN pick(i, 45, 12) = 0 THEN one_of([
            'gift wrap', 'gift card: "Happy birthday, Zoë!"', 'no invoice, please', ''
        ], i, 46) END
    FROM (
        SELECT number, line, number * 4 + line AS i,
            1 + pick(number * 4 + line, 41, 50 * getvariable('scale')) AS product_id
        FROM range(1, 1000 * getvariable('scale') + 1) AS numbers(number),
            range(1, 5) AS lines(line)
        WHERE line <= 1 + pick(number, 40, 4)
    )
    ORDER BY number, line
    """,
)
