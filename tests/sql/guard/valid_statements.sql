-- Statements that Redshift takes and that only read, by chapter of its documentation, one on a line.

-- SELECT
SELECT 1
SELECT 1;
select customer_id, name from shop.customers
SELECT * FROM shop.orders
SELECT ALL status FROM shop.orders
SELECT DISTINCT country, city FROM shop.customers
SELECT TOP 5 * FROM shop.orders
SELECT TOP 5 order_id, status FROM shop.orders ORDER BY ordered_at DESC
SELECT c.* FROM shop.customers c
SELECT c.name AS customer, c.city "home town" FROM shop.customers AS c
SELECT name customer FROM shop.customers
SELECT * EXCLUDE (note) FROM shop.customers
SELECT c.* EXCLUDE (note, phone) FROM shop.customers c
SELECT 'it''s', 'a;b', 'DROP TABLE t', '-- no comment', '/* no comment */'
SELECT "customer_id", "name" FROM "shop"."customers"
SELECT "drop table", "a;b", "say ""hi""" FROM "Ünï"
SELECT 'ünïcødé 🚲', N'x', 1.5, .5, 1e10, 2.5E-3, -7
SELECT 1 -- DROP TABLE t
SELECT /* all of it; */ 1
SELECT 1 AS "select", 2 AS "into"
SELECT 1 AS from, 2 AS where, 3 AS order
SELECT o.order_id AS user, o.status AS group FROM shop.orders o
SELECT dev.shop.orders.order_id FROM dev.shop.orders
SELECT order_id, customer_id FROM dev.shop.orders LIMIT 10
SELECT NULL, TRUE, FALSE
SELECT (1)
SELECT (SELECT 1)
(SELECT 1)
((SELECT 1))
SELECT COUNT(*) FROM shop.orders
SELECT update, delete, insert, copy FROM shop.audit
SELECT sys_id, sys_created_on, pg_rating FROM shop.incidents
SELECT a.sys_id FROM shop.sys_config a
SELECT pg_up.svl FROM shop.power AS pg_up

-- WITH clause
WITH x AS (SELECT 1 AS n) SELECT n FROM x
WITH x (n) AS (SELECT 1) SELECT n FROM x
WITH lo_data (a) AS (SELECT 1) SELECT a FROM lo_data
WITH set_config (a, b) AS (SELECT 1, 2) SELECT a FROM set_config
WITH totals AS (SELECT customer_id, COUNT(*) AS n FROM shop.orders GROUP BY 1), best AS (SELECT * FROM totals WHERE n > 5) SELECT * FROM best
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5) SELECT n FROM numbers
WITH RECURSIVE days (d) AS (SELECT DATE '2024-01-01' UNION ALL SELECT DATEADD(day, 1, d)::date FROM days WHERE d < '2024-01-31') SELECT d FROM days
WITH a AS (WITH b AS (SELECT 1 AS n) SELECT n FROM b) SELECT n FROM a
SELECT * FROM (WITH x AS (SELECT 1 AS n) SELECT n FROM x) y

-- FROM clause
SELECT * FROM shop.orders o, shop.customers c WHERE o.customer_id = c.customer_id
SELECT * FROM shop.orders o JOIN shop.customers c ON o.customer_id = c.customer_id
SELECT * FROM shop.orders o INNER JOIN shop.customers c USING (customer_id)
SELECT * FROM shop.orders o LEFT JOIN shop.customers c ON (o.customer_id = c.customer_id)
SELECT * FROM shop.orders o LEFT OUTER JOIN shop.customers c USING (customer_id)
SELECT * FROM shop.orders o RIGHT JOIN shop.customers c USING (customer_id)
SELECT * FROM shop.orders o FULL OUTER JOIN shop.customers c USING (customer_id)
SELECT * FROM shop.orders NATURAL JOIN shop.customers
SELECT * FROM shop.orders CROSS JOIN shop.products
SELECT * FROM (shop.orders o JOIN shop.customers c ON o.customer_id = c.customer_id)
SELECT * FROM (SELECT 1 AS a) AS t
SELECT * FROM (SELECT 1, 2) AS t (a, b)
SELECT t.a FROM shop.orders AS t (a, b, c, d, e, f, g, h, i)
SELECT t.a FROM shop.orders decode (a, b, c, d, e, f, g, h, i)
SELECT a.name, b.name FROM shop.customers a, shop.customers b WHERE a.city = b.city AND a.customer_id < b.customer_id
SELECT * FROM shop.orders o JOIN shop.order_lines l ON o.order_id = l.order_id JOIN shop.products p ON l.product_id = p.product_id
SELECT * FROM shop.customers c, shop.orders o WHERE c.customer_id = o.customer_id (+)
SELECT * FROM shop.customers c, shop.orders o WHERE c.customer_id = o.customer_id(+) AND o.status(+) = 'paid'
SELECT * FROM a, b WHERE a.x = b.x (+)::varchar
SELECT * FROM spectrum.clicks WHERE day = '2024-01-01'
SELECT "$path", "$size" FROM spectrum.clicks

-- PIVOT and UNPIVOT
SELECT * FROM (SELECT status, channel, shipping_fee FROM shop.orders) PIVOT (SUM(shipping_fee) FOR channel IN ('web', 'store'))
SELECT * FROM (SELECT status, channel, shipping_fee FROM shop.orders) PIVOT (AVG(shipping_fee) AS fee FOR channel IN ('web' AS web, 'store' AS store)) AS p
SELECT * FROM (SELECT red, green, blue FROM shop.colours) UNPIVOT (cnt FOR colour IN (red, green, blue))
SELECT * FROM (SELECT red, green FROM shop.colours) UNPIVOT INCLUDE NULLS (cnt FOR colour IN (red AS r, green AS g))

-- WHERE clause and conditions
SELECT * FROM shop.orders WHERE status = 'paid'
SELECT * FROM shop.orders WHERE status <> 'paid' AND NOT channel = 'web' OR shipping_fee > 5
SELECT * FROM shop.orders WHERE status != 'paid' AND shipping_fee >= 5 AND shipping_fee <= 10
SELECT * FROM shop.orders WHERE shipping_fee BETWEEN 5 AND 10
SELECT * FROM shop.orders WHERE shipping_fee NOT BETWEEN (5) AND (10)
SELECT * FROM shop.orders WHERE status IN ('paid', 'sent')
SELECT * FROM shop.orders WHERE status NOT IN ('paid', 'sent')
SELECT * FROM shop.orders WHERE (status, channel) IN (SELECT 'paid', 'web')
SELECT * FROM shop.orders WHERE (customer_id, status) = (1, 'paid')
SELECT * FROM shop.orders WHERE coupon IS NULL OR coupon IS NOT NULL
SELECT * FROM shop.customers WHERE newsletter IS TRUE OR newsletter IS NOT FALSE OR newsletter IS UNKNOWN
SELECT * FROM shop.customers WHERE newsletter
SELECT * FROM shop.customers WHERE name LIKE 'A%'
SELECT * FROM shop.customers WHERE name LIKE '%start\\_%'
SELECT * FROM shop.customers WHERE name LIKE '%^_%' ESCAPE '^'
SELECT * FROM shop.customers WHERE name NOT ILIKE '%x%'
SELECT * FROM shop.customers WHERE name SIMILAR TO '(a|b)%'
SELECT * FROM shop.customers WHERE name NOT SIMILAR TO '_x%' ESCAPE '!'
SELECT * FROM shop.customers WHERE name ~ '^[A-M]' AND name !~ 'x$'
SELECT * FROM shop.customers WHERE name ~* 'ann' AND name !~* 'bob'
SELECT * FROM shop.customers WHERE phone ~ '^\\d+$'
SELECT * FROM shop.customers c WHERE EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = c.customer_id)
SELECT * FROM shop.customers c WHERE NOT EXISTS (SELECT * FROM shop.orders o WHERE o.customer_id = c.customer_id)
SELECT * FROM shop.products WHERE price > ALL (SELECT price FROM shop.products WHERE category = 'toys')
SELECT * FROM shop.products WHERE price = ANY (SELECT price FROM shop.products)
SELECT * FROM shop.products WHERE price > SOME (SELECT unit_price FROM shop.order_lines)
SELECT * FROM shop.products WHERE price > (SELECT AVG(price) FROM shop.products)
SELECT * FROM shop.orders WHERE (ordered_at, shipped_at) OVERLAPS ('2024-01-01'::timestamp, '2024-02-01'::timestamp)
SELECT * FROM shop.orders WHERE coupon ISNULL OR channel NOTNULL

-- GROUP BY and HAVING
SELECT status, COUNT(*) FROM shop.orders GROUP BY status
SELECT status, channel, COUNT(*) FROM shop.orders GROUP BY 1, 2 HAVING COUNT(*) > 10
SELECT status, channel, COUNT(*) FROM shop.orders GROUP BY GROUPING SETS ((status), (channel), ())
SELECT status, channel, COUNT(*) FROM shop.orders GROUP BY ROLLUP (status, channel)
SELECT status, channel, COUNT(*), GROUPING(status), GROUPING_ID(status, channel) FROM shop.orders GROUP BY CUBE (status, channel)
SELECT DATE_TRUNC('month', ordered_at), SUM(shipping_fee) FROM shop.orders GROUP BY DATE_TRUNC('month', ordered_at)
SELECT status, COUNT(*) FROM shop.orders GROUP BY ALL
SELECT (status), COUNT(*) FROM shop.orders GROUP BY (status)

-- ORDER BY, LIMIT, OFFSET
SELECT * FROM shop.orders ORDER BY ordered_at DESC, order_id ASC
SELECT * FROM shop.orders ORDER BY shipped_at NULLS FIRST, coupon DESC NULLS LAST
SELECT * FROM shop.orders ORDER BY 1 LIMIT 10 OFFSET 20
SELECT * FROM shop.orders ORDER BY (order_id) LIMIT ALL
SELECT * FROM shop.orders ORDER BY LOWER(status), RANDOM() LIMIT (10)

-- QUALIFY
SELECT * FROM shop.orders QUALIFY ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) = 1
SELECT customer_id, RANK() OVER (ORDER BY order_id) AS r FROM shop.orders o WHERE status = 'paid' QUALIFY r <= 3

-- UNION, INTERSECT, EXCEPT
SELECT 1 UNION SELECT 2
SELECT 1 UNION ALL SELECT 2 ORDER BY 1 LIMIT 3
SELECT city FROM shop.customers INTERSECT SELECT name FROM shop.products
SELECT city FROM shop.customers EXCEPT SELECT name FROM shop.products
SELECT city FROM shop.customers MINUS SELECT name FROM shop.products
(SELECT 1) INTERSECT (SELECT 1)
(SELECT 1 UNION SELECT 2) EXCEPT (SELECT 2) ORDER BY 1
(SELECT order_id FROM shop.orders LIMIT 1) UNION ALL (SELECT order_id FROM shop.orders LIMIT 1)

-- CONNECT BY
SELECT id, name, manager_id FROM shop.staff START WITH name = 'Ann' CONNECT BY manager_id = PRIOR id
SELECT id, LEVEL FROM shop.staff START WITH manager_id IS NULL CONNECT BY PRIOR id = manager_id AND LEVEL <= 3

-- Subqueries
SELECT name, (SELECT COUNT(*) FROM shop.orders o WHERE o.customer_id = c.customer_id) AS orders FROM shop.customers c
SELECT * FROM (SELECT * FROM (SELECT 1 AS a) x) y WHERE a IN (SELECT 1)
SELECT AVG(n) FROM (SELECT COUNT(*) AS n FROM shop.orders GROUP BY customer_id)

-- Data types and casts
SELECT '12'::int, '12'::integer, '12'::bigint, '12'::smallint, '1.5'::real, '1.5'::double precision
SELECT '12'::int2, '12'::int4, '12'::int8, '1.5'::float, '1.5'::float4, '1.5'::float8, '1.5'::float(53)
SELECT '1.5'::decimal, '1.5'::decimal(10), '1.5'::decimal(10, 2), '1.5'::numeric(10, 2), 1.5::dec(4, 1)
SELECT 'a'::char, 'a'::char(3), 'a'::character(3), 'a'::nchar(3), 'a'::bpchar, 'a'::text
SELECT 'a'::varchar, 'a'::varchar(3), 'a'::character varying(3), 'a'::nvarchar(3), 'a'::varchar(max)
SELECT 't'::bool, 'true'::boolean, 'yes'::boolean
SELECT '2024-01-31'::date, '10:00'::time, '10:00+01'::timetz, '10:00'::time without time zone
SELECT '2024-01-31 10:00'::timestamp, '2024-01-31 10:00+01'::timestamptz, '2024-01-31'::timestamp without time zone
SELECT '2024-01-31 10:00+01'::timestamp with time zone, '10:00+01'::time with time zone
SELECT DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00', TIME '10:00', TIMESTAMPTZ '2024-01-31 10:00+01'
SELECT CAST(1 AS varchar), CAST('1' AS decimal(5, 2)), CAST(order_id AS varchar(20)) FROM shop.orders
SELECT CONVERT(integer, '5'), CONVERT(varchar(10), 5), TRY_CAST('x' AS int)
SELECT INTERVAL '1 day', INTERVAL '2 hours 30 minutes', INTERVAL '52' HOUR
SELECT INTERVAL '1' DAY, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3 04:05' DAY TO MINUTE
SELECT INTERVAL '2 02:01:30.1234' DAY TO SECOND (3)
SELECT INTERVAL '30' SECOND (2), INTERVAL '1 day'::interval day to second
SELECT DATE '2024-01-31' + INTERVAL '1 month', CURRENT_DATE - 7, DATE '2024-01-31' - DATE '2024-01-01'
SELECT '{"a": 1}'::super, JSON_PARSE('[1, 2]')
SELECT 'abc'::varbyte, 'abc'::varbinary(10), 'abc'::binary varying(10)
SELECT '{=r/jane}'::aclitem, 'shop.orders'::regclass, 12::oid, 'abc'::name
SELECT NULL::geometry, NULL::geography, NULL::hllsketch
SELECT date('2024-01-31'), text(5), int4('5'), float8('1.5'), bool(1)

-- Operators
SELECT 1 + 2, 3 - 1, 2 * 3, 7 / 2, 7 % 2, 2 ^ 3
SELECT |/ 25, ||/ 27, @ -5, 5 # 3, 5 & 3, 5 | 3, ~ 5, 1 << 3, 16 >> 2
SELECT -shipping_fee, + shipping_fee, - (- 1) FROM shop.orders
SELECT name || ', ' || city FROM shop.customers
SELECT ordered_at AT TIME ZONE 'Europe/Berlin' FROM shop.orders
SELECT (ordered_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Berlin' FROM shop.orders

-- Aggregate functions
SELECT ANY_VALUE(status), AVG(shipping_fee), AVG(DISTINCT shipping_fee), COUNT(DISTINCT customer_id) FROM shop.orders
SELECT APPROXIMATE COUNT(DISTINCT customer_id) FROM shop.orders
SELECT APPROXIMATE PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY shipping_fee) FROM shop.orders
SELECT LISTAGG(name, ', ') WITHIN GROUP (ORDER BY name) FROM shop.customers GROUP BY country
SELECT LISTAGG(DISTINCT city, '; ') WITHIN GROUP (ORDER BY city), LISTAGG(city) FROM shop.customers
SELECT MAX(price), MIN(price), MEDIAN(price), SUM(price), SUM(ALL price) FROM shop.products
SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY price) FROM shop.products
SELECT STDDEV(price), STDDEV_SAMP(price), STDDEV_POP(price), VARIANCE(price), VAR_SAMP(price), VAR_POP(price) FROM shop.products
SELECT SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END) FROM shop.orders
SELECT BIT_AND(quantity), BIT_OR(quantity), BOOL_AND(quantity > 1), BOOL_OR(quantity > 1) FROM shop.order_lines

-- Window functions
SELECT order_id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at) FROM shop.orders
SELECT order_id, RANK() OVER (ORDER BY shipping_fee), DENSE_RANK() OVER (ORDER BY shipping_fee DESC) FROM shop.orders
SELECT SUM(shipping_fee) OVER (PARTITION BY customer_id ORDER BY ordered_at ROWS UNBOUNDED PRECEDING) FROM shop.orders
SELECT AVG(shipping_fee) OVER (ORDER BY ordered_at ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) FROM shop.orders
SELECT MAX(shipping_fee) OVER (ORDER BY ordered_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM shop.orders
SELECT COUNT(*) OVER () FROM shop.orders
SELECT LAG(shipping_fee) OVER (PARTITION BY customer_id ORDER BY ordered_at), LEAD(shipping_fee, 2) OVER (PARTITION BY customer_id ORDER BY ordered_at) FROM shop.orders
SELECT LAG(coupon, 1) IGNORE NULLS OVER (ORDER BY ordered_at), LEAD(coupon) RESPECT NULLS OVER (ORDER BY ordered_at) FROM shop.orders
SELECT FIRST_VALUE(coupon IGNORE NULLS) OVER (ORDER BY ordered_at ROWS UNBOUNDED PRECEDING) FROM shop.orders
SELECT LAST_VALUE(coupon) OVER (ORDER BY ordered_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM shop.orders
SELECT NTH_VALUE(coupon, 2) IGNORE NULLS OVER (ORDER BY ordered_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM shop.orders
SELECT NTILE(4) OVER (ORDER BY price), PERCENT_RANK() OVER (ORDER BY price), CUME_DIST() OVER (ORDER BY price) FROM shop.products
SELECT RATIO_TO_REPORT(price) OVER (PARTITION BY category) FROM shop.products
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY price) OVER (PARTITION BY category) FROM shop.products
SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY price) OVER (PARTITION BY category), MEDIAN(price) OVER (PARTITION BY category) FROM shop.products
SELECT LISTAGG(name, ',') WITHIN GROUP (ORDER BY name) OVER (PARTITION BY category) FROM shop.products
SELECT SUM(SUM(shipping_fee)) OVER (ORDER BY status ROWS UNBOUNDED PRECEDING) FROM shop.orders GROUP BY status

-- Conditional expressions
SELECT CASE status WHEN 'paid' THEN 1 WHEN 'sent' THEN 2 ELSE 0 END FROM shop.orders
SELECT CASE WHEN shipping_fee > 5 THEN 'dear' WHEN shipping_fee IS NULL THEN NULL END FROM shop.orders
SELECT COALESCE(coupon, 'none'), NVL(coupon, channel, 'none'), NVL2(coupon, 1, 0), NULLIF(coupon, '') FROM shop.orders
SELECT DECODE(status, 'paid', 1, 'sent', 2, 0), GREATEST(1, 2, 3), LEAST(1, NULL, 3) FROM shop.orders

-- Data type formatting functions
SELECT TO_CHAR(ordered_at, 'Mon YYYY'), TO_CHAR(ordered_at, 'HH24:MI:SS'), TO_CHAR(125.8, '999D99'), TO_CHAR(-12, 'S99') FROM shop.orders
SELECT TO_DATE('02 Oct 2001', 'DD Mon YYYY'), TO_DATE('20240131', 'YYYYMMDD', FALSE)
SELECT TO_NUMBER('12,454.8-', '99G999D9S'), TO_TIMESTAMP('2024-01-31 10:00', 'YYYY-MM-DD HH24:MI')
SELECT TEXT_TO_INT_ALT('123-'), TEXT_TO_NUMERIC_ALT('5.5-'), TEXT_TO_NUMERIC_ALT('1.5', '99D9', 10, 2)

-- Date and time functions
SELECT ADD_MONTHS('2023-02-28', 1), LAST_DAY('2024-02-01'), NEXT_DAY('2024-01-31', 'Tuesday'), MONTHS_BETWEEN('2024-03-01', '2024-01-01')
SELECT CONVERT_TIMEZONE('US/Eastern', '2024-01-31 10:00'), CONVERT_TIMEZONE('UTC', 'Asia/Tokyo', ordered_at) FROM shop.orders
SELECT CURRENT_DATE, SYSDATE, GETDATE(), TRUNC(SYSDATE), TIMEOFDAY(), CURRENT_TIMESTAMP, NOW()
SELECT DATE_CMP('2024-01-01', '2024-01-02'), DATE_CMP_TIMESTAMP('2024-01-01', SYSDATE), DATE_CMP_TIMESTAMPTZ('2024-01-01', updated_at) FROM shop.orders
SELECT DATEADD(day, -7, GETDATE()), DATEADD('month', 1, ordered_at), DATEADD(m, 18, '2008-02-28') FROM shop.orders
SELECT DATEDIFF(week, '2009-01-01', '2009-12-31'), DATEDIFF('qtr', '1998-07-01', CURRENT_DATE), DATEDIFF(day, ordered_at, shipped_at) FROM shop.orders
SELECT DATE_PART('week', ordered_at), DATE_PART(w, ordered_at), DATE_PART_YEAR('2024-01-31'), DATE_TRUNC('week', ordered_at) FROM shop.orders
SELECT EXTRACT(week FROM ordered_at), EXTRACT('hour' FROM ordered_at), EXTRACT(EPOCH FROM ordered_at), EXTRACT(DOW FROM DATE '2024-01-31') FROM shop.orders
SELECT INTERVAL_CMP('3 days', '1 year'), TIMESTAMP_CMP(ordered_at, shipped_at), TIMESTAMP_CMP_DATE(ordered_at, '2024-01-01') FROM shop.orders
SELECT TIMESTAMP_CMP_TIMESTAMPTZ(ordered_at, updated_at), TIMESTAMPTZ_CMP(updated_at, updated_at), TIMESTAMPTZ_CMP_DATE(updated_at, '2024-01-01') FROM shop.orders
SELECT TIMESTAMPTZ_CMP_TIMESTAMP(updated_at, ordered_at), TIMEZONE('Africa/Kampala', ordered_at) FROM shop.orders
SELECT DATE '2024-01-31' + TIME '10:00', AGE(ordered_at) FROM shop.orders

-- Hash functions
SELECT CHECKSUM(name), FARMFINGERPRINT64(name), FNV_HASH(name), FNV_HASH(name, 5), MD5(name) FROM shop.customers
SELECT FUNC_SHA1(name), SHA(name), SHA1(name), SHA2(name, 256), MURMUR3_32_HASH(name), MURMUR3_32_HASH(name, 5), CRC32(name) FROM shop.customers

-- HyperLogLog functions
SELECT HLL(customer_id), HLL_CARDINALITY(HLL_CREATE_SKETCH(customer_id)) FROM shop.orders
SELECT HLL_CARDINALITY(HLL_COMBINE(s)), HLL_COMBINE_SKETCHES(a, b) FROM shop.sketches GROUP BY a, b

-- JSON functions
SELECT IS_VALID_JSON('{"a": 1}'), IS_VALID_JSON_ARRAY('[1]'), JSON_ARRAY_LENGTH('[1, 2]'), JSON_ARRAY_LENGTH('x', TRUE)
SELECT JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[1, 2]', 0), JSON_EXTRACT_PATH_TEXT('{"a": {"b": 1}}', 'a', 'b'), JSON_EXTRACT_PATH_TEXT('{', 'a', TRUE)
SELECT JSON_PARSE('{"a": 1}'), CAN_JSON_PARSE('x'), JSON_SERIALIZE(JSON_PARSE('[1]')), JSON_SERIALIZE_TO_VARBYTE(JSON_PARSE('[1]'))

-- Math functions
SELECT ABS(-1), ACOS(0), ASIN(0), ATAN(1), ATAN2(1, 2), CBRT(27), CEIL(1.2), CEILING(1.2), COS(0), COT(1)
SELECT DEGREES(3.14), DEXP(1), DLOG1(5), DLOG10(100), EXP(1), FLOOR(1.9), LN(2), LOG(100), MOD(10, 4), PI()
SELECT POWER(2, 3), POW(2, 3), RADIANS(180), RANDOM(), ROUND(1.55, 1), ROUND(2.5), SIGN(-2), SIN(1), SQRT(16), TAN(1), TRUNC(1.59, 1)

-- String functions
SELECT ASCII('a'), BPCHARCMP('a', 'b'), BTRIM('  a '), BTRIM('xax', 'x'), BTTEXT_PATTERN_CMP('a', 'b'), CHAR_LENGTH('a'), CHARACTER_LENGTH('a')
SELECT CHARINDEX('b', 'abc'), CHR(65), COLLATE(name, 'case_insensitive'), CONCAT(name, city), DIFFERENCE('a', 'b'), INITCAP('abc def') FROM shop.customers
SELECT LEFT(name, 3), RIGHT(name, 3), LEN(name), LENGTH(name), TEXTLEN(name), LOWER(name), UPPER(name), REVERSE(name) FROM shop.customers
SELECT LPAD('a', 3), LPAD('a', 3, 'x'), RPAD('a', 3, 'x'), LTRIM('  a'), LTRIM('xa', 'x'), RTRIM('ax', 'x'), REPEAT('a', 3), REPLICATE('a', 3)
SELECT OCTET_LENGTH('ü'), OCTETINDEX('b', 'abc'), POSITION('b' IN 'abc'), STRPOS('abc', 'b'), QUOTE_IDENT('a b'), QUOTE_LITERAL('it''s')
SELECT REGEXP_COUNT(name, '[a-z]', 1, 'i'), REGEXP_INSTR(name, 'a', 1, 2, 0, 'i'), REGEXP_REPLACE(name, 'a', 'b', 1, 'i'), REGEXP_SUBSTR(name, '[^ ]+', 1, 2) FROM shop.customers
SELECT REPLACE('abc', 'b', 'x'), SOUNDEX('Robert'), SPLIT_PART('a$b', '$', 2), STRTOL('f', 16), TRANSLATE('abc', 'ab', 'xy')
SELECT SUBSTRING('caterpillar', 6, 4), SUBSTRING('caterpillar' FROM 6 FOR 4), SUBSTRING('abc' FROM 2), SUBSTR('abc', 2, 1), SUBSTR('abc', 2)
SELECT TRIM('  a '), TRIM('x' FROM 'xax'), TRIM(BOTH 'x' FROM 'xax'), TRIM(LEADING 'x' FROM 'xa'), TRIM(TRAILING FROM 'a ')
SELECT 'a' 'b', E'tab\\t', 'back\\slash'
SELECT UPPER("left"), "substring"('abc', 1, 2) FROM shop.sides

-- SUPER: navigation and unnesting
SELECT c.c_orders[0].o_id, c.c_name.first FROM shop.customer_orders c
SELECT c."c_Orders"[0]."o_Id" FROM shop.customer_orders c
SELECT o.o_id FROM shop.customer_orders c, c.c_orders o
SELECT l.price FROM shop.customer_orders c, c.c_orders o, o.lines l WHERE l.price > 5
SELECT o, i FROM shop.customer_orders c, c.c_orders AS o AT i
SELECT attr AS a, val AS v FROM shop.customer_orders c, UNPIVOT c.c_orders[0] AS val AT attr
SELECT a, JSON_TYPEOF(v) FROM shop.customer_orders c, UNPIVOT c.c_orders[0] AS v AT a WHERE a = 'o_id'
SELECT c.items[1]::int, c.items[2].name::varchar(20) FROM shop.customer_orders c
SELECT x FROM shop.customer_orders c LEFT JOIN c.c_orders x ON TRUE
SELECT * FROM customers c, c.c_orders[0].lines l

-- SUPER: arrays, objects, types
SELECT ARRAY(1, 50, NULL, 'a'), ARRAY(), ARRAY_CONCAT(ARRAY(1), ARRAY(2)), ARRAY_FLATTEN(ARRAY(ARRAY(1), ARRAY(2)))
SELECT ARRAY_CONTAINS(ARRAY(1, 2), 2), ARRAY_DISTINCT(ARRAY(1, 1)), ARRAY_EXCEPT(ARRAY(1), ARRAY(2)), ARRAY_INTERSECTION(ARRAY(1), ARRAY(1), TRUE)
SELECT ARRAY_POSITION(ARRAY('a', 'b'), 'b'), ARRAY_POSITIONS(ARRAY('a'), 'a'), ARRAY_SORT(ARRAY(2, 1)), ARRAY_UNION(ARRAY(1), ARRAY(2)), ARRAYS_OVERLAP(ARRAY(1), ARRAY(1))
SELECT GET_ARRAY_LENGTH(ARRAY(1)), SPLIT_TO_ARRAY('a|b', '|'), SUBARRAY(ARRAY(1, 2, 3), 1, 1)
SELECT OBJECT('a', 1, 'b', TRUE), OBJECT(), GET_NUMBER_ATTRIBUTES(OBJECT('a', 1)), LOWER_ATTRIBUTE_NAMES(s), UPPER_ATTRIBUTE_NAMES(s) FROM shop.supers
SELECT OBJECT_TRANSFORM(s KEEP '"a"."b"', '"c"' SET '"a"."b"', UPPER(s.a.b::text)) FROM shop.supers
SELECT DECIMAL_PRECISION(s), DECIMAL_SCALE(s), IS_ARRAY(s), IS_BIGINT(s), IS_BOOLEAN(s), IS_CHAR(s), IS_DECIMAL(s), IS_FLOAT(s) FROM shop.supers
SELECT IS_INTEGER(s), IS_OBJECT(s), IS_SCALAR(s), IS_SMALLINT(s), IS_VARCHAR(s), JSON_SIZE(s), JSON_TYPEOF(s), SIZE(s) FROM shop.supers

-- VARBYTE functions
SELECT FROM_HEX('6162'), TO_HEX('abc'::varbyte), FROM_VARBYTE('abc'::varbyte, 'utf-8'), TO_VARBYTE('6162', 'hex'), GETBIT('abc'::varbyte, 3)
SELECT CONCAT('ab'::varbyte, 'cd'::varbyte), REVERSE('ab'::varbyte), SUBSTRING('abc'::varbyte, 1, 2), LEN('ab'::varbyte)

-- Spatial functions
SELECT ST_AsText(ST_Point(13.4, 52.5)), ST_AsEWKT(ST_GeomFromText('POINT(1 2)', 4326)), GeometryType(ST_MakePoint(1, 2, 3))
SELECT ST_Distance(ST_Point(0, 0), ST_Point(3, 4)), ST_DWithin(a, b, 5), ST_Contains(a, b), ST_Area(a), ST_Buffer(a, 2, 8) FROM shop.shapes
SELECT ST_X(p), ST_Y(p), ST_SRID(p), ST_SetSRID(p, 4326), ST_Transform(p, 3857), ST_Collect(p) WITHIN GROUP (ORDER BY p) FROM shop.points
SELECT H3_FromLongLat(0, 0, 10), H3_FromPoint(ST_Point(0, 0), 10), H3_Center(646078419604526808), H3_ToParent(646078419604526808, 5)

-- Machine learning functions
SELECT EXPLAIN_MODEL('shop.churn')

-- System functions
SELECT CURRENT_USER, USER, SESSION_USER, CURRENT_USER_ID, CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_SCHEMAS(TRUE), VERSION()
SELECT current_aws_account, current_namespace
SELECT HAS_TABLE_PRIVILEGE('shop.orders', 'select'), HAS_SCHEMA_PRIVILEGE('shop', 'usage'), HAS_DATABASE_PRIVILEGE('dev', 'temp')
SELECT CURRENT_SETTING('query_group'), PG_BACKEND_PID(), SLICE_NUM(), DEFAULT_IAM_ROLE(), USER_IS_MEMBER_OF('jane', 'sales')
SELECT pg_catalog.len('abc'), pg_catalog.getdate()
SELECT * FROM generate_series(1, 5)
SELECT generate_series(1, 5) AS n
SELECT * FROM generate_series(1, 5) AS g (n)
SELECT name, abbrev FROM pg_timezone_names()

-- Catalogue
SELECT * FROM svv_tables WHERE table_schema = 'shop'
SELECT table_name, column_name FROM svv_columns ORDER BY ordinal_position
SELECT * FROM svv_all_tables
SELECT * FROM svv_all_columns
SELECT * FROM svv_all_schemas
SELECT * FROM svv_redshift_databases
SELECT * FROM svv_redshift_tables
SELECT * FROM svv_external_tables
SELECT * FROM pg_table_def WHERE schemaname = 'shop'
SELECT nspname FROM pg_namespace
SELECT * FROM pg_catalog.pg_table_def
SELECT relname, nspname FROM pg_class c JOIN pg_namespace n ON c.relnamespace = n.oid
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
SELECT typname FROM pg_type
SELECT * FROM information_schema.columns
SELECT * FROM information_schema.tables WHERE table_schema = 'shop'
SELECT * FROM pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)
SELECT * FROM pg_get_cols('shop.orders') cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)

-- SHOW
SHOW DATABASES
SHOW DATABASES LIKE 'd%'
SHOW DATABASES LIKE 'd%' LIMIT 5
SHOW SCHEMAS FROM DATABASE dev
SHOW SCHEMAS FROM DATABASE dev LIKE '%s' LIMIT 5
SHOW TABLES FROM SCHEMA dev.shop
SHOW TABLES FROM SCHEMA shop
show tables from schema dev.shop like 'o%' limit 3;
SHOW COLUMNS FROM TABLE dev.shop.orders
SHOW COLUMNS FROM TABLE "dev"."shop"."orders" LIKE '%id' LIMIT 5

-- EXPLAIN
EXPLAIN SELECT 1
EXPLAIN VERBOSE WITH x AS (SELECT 1) SELECT * FROM x
explain select * from shop.orders where status = 'paid'
/* why so slow? */ EXPLAIN (SELECT 1) UNION (SELECT 2)

-- Reports that people ask for
SELECT TO_CHAR(o.ordered_at, 'YYYY-MM') AS month, c.country, COUNT(DISTINCT o.order_id) AS orders, SUM(l.quantity * l.unit_price * (1 - COALESCE(l.discount_percent, 0) / 100)) AS revenue FROM shop.orders o JOIN shop.customers c ON c.customer_id = o.customer_id JOIN shop.order_lines l ON l.order_id = o.order_id WHERE o.status <> 'cancelled' GROUP BY 1, 2 ORDER BY 1, 4 DESC
WITH monthly AS (SELECT DATE_TRUNC('month', ordered_at) AS month, COUNT(*) AS n FROM shop.orders GROUP BY 1) SELECT month, n, n - LAG(n) OVER (ORDER BY month) AS change, ROUND(100.0 * (n - LAG(n) OVER (ORDER BY month)) / NULLIF(LAG(n) OVER (ORDER BY month), 0), 1) AS percent FROM monthly ORDER BY month
WITH ranked AS (SELECT p.category, p.name, SUM(l.quantity) AS sold, ROW_NUMBER() OVER (PARTITION BY p.category ORDER BY SUM(l.quantity) DESC) AS place FROM shop.products p JOIN shop.order_lines l USING (product_id) GROUP BY 1, 2) SELECT * FROM ranked WHERE place <= 3 ORDER BY category, place
SELECT c.customer_id, c.name, MAX(o.ordered_at) AS last_order, DATEDIFF(day, MAX(o.ordered_at), GETDATE()) AS days_ago FROM shop.customers c LEFT JOIN shop.orders o ON o.customer_id = c.customer_id GROUP BY c.customer_id, c.name HAVING DATEDIFF(day, MAX(o.ordered_at), GETDATE()) > 180 OR MAX(o.ordered_at) IS NULL ORDER BY last_order NULLS FIRST LIMIT 100
SELECT CASE WHEN shipping_fee = 0 THEN 'free' WHEN shipping_fee < 5 THEN 'low' ELSE 'high' END AS fee, COUNT(*), AVG(DATEDIFF(hour, ordered_at, shipped_at)) FROM shop.orders WHERE shipped_at IS NOT NULL GROUP BY 1
SELECT a.product_id, b.product_id, COUNT(*) AS together FROM shop.order_lines a JOIN shop.order_lines b ON a.order_id = b.order_id AND a.product_id < b.product_id GROUP BY 1, 2 HAVING COUNT(*) >= 2 ORDER BY together DESC LIMIT 20
SELECT channel, SUM(CASE WHEN status = 'returned' THEN 1 ELSE 0 END)::decimal(10, 2) / NULLIF(COUNT(*), 0) AS return_rate FROM shop.orders GROUP BY channel ORDER BY return_rate DESC
SELECT country, COUNT(*) AS customers, SUM(CASE WHEN newsletter THEN 1 ELSE 0 END) AS readers, ROUND(AVG(credit_limit), 2) AS mean_limit FROM shop.customers GROUP BY country ORDER BY customers DESC
WITH first_orders AS (SELECT customer_id, MIN(ordered_at) AS first_at FROM shop.orders GROUP BY customer_id) SELECT DATE_TRUNC('month', f.first_at)::date AS cohort, DATEDIFF(month, f.first_at, o.ordered_at) AS age, COUNT(DISTINCT o.customer_id) FROM first_orders f JOIN shop.orders o ON o.customer_id = f.customer_id GROUP BY 1, 2 ORDER BY 1, 2
SELECT * FROM (SELECT o.*, RANK() OVER (PARTITION BY customer_id ORDER BY shipping_fee DESC, order_id) AS r FROM shop.orders o) WHERE r = 1 AND customer_id IN (SELECT customer_id FROM shop.customers WHERE country = 'DE')
SELECT status, MIN(ordered_at)::date AS first_day, MAX(ordered_at)::date AS last_day FROM shop.orders WHERE ordered_at >= '2024-01-01' AND ordered_at < '2025-01-01' GROUP BY status
SELECT p.category, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY l.unit_price) AS median_price FROM shop.order_lines l JOIN shop.products p ON p.product_id = l.product_id GROUP BY p.category
SELECT LEFT(email, POSITION('@' IN email) - 1) AS local_part, SPLIT_PART(email, '@', 2) AS domain FROM shop.customers WHERE email LIKE '%@%'
SELECT EXTRACT(year FROM birth_date) / 10 * 10 AS decade, COUNT(*) FROM shop.customers WHERE birth_date IS NOT NULL GROUP BY 1 ORDER BY 1
SELECT o.order_id, LISTAGG(p.name, ', ') WITHIN GROUP (ORDER BY l.line_number) AS products FROM shop.orders o JOIN shop.order_lines l USING (order_id) JOIN shop.products p USING (product_id) GROUP BY o.order_id HAVING COUNT(*) > 1 LIMIT 50
SELECT customer_id, SUM(CASE WHEN DATE_PART(year, ordered_at) = 2024 THEN shipping_fee END) AS fees_2024, SUM(CASE WHEN DATE_PART(year, ordered_at) = 2023 THEN shipping_fee END) AS fees_2023 FROM shop.orders GROUP BY customer_id
