"""Sample data with an owner: expenses, of which a person sees the own and finance sees all.

Made after the shop, with its macros, and the same on every machine.
"""

from emulator.sample.people import JANE, OMAR

PEOPLE = 24

# In Redshift's SQL.
TABLE = """
    CREATE TABLE staff.expenses (
        person VARCHAR(64) NOT NULL,
        amount NUMERIC(10, 2) NOT NULL,
        day DATE NOT NULL,
        note VARCHAR(200)
    ) SORTKEY (day)
"""

# In DuckDB's SQL: 400 expenses for each step of the ``scale``, of the two who may sign in and of
# others who can't.
ROWS = f"""
    INSERT INTO staff.expenses
    SELECT
        CASE pick(i, 51, {PEOPLE})
            WHEN 0 THEN '{JANE.sub}'
            WHEN 1 THEN '{OMAR.sub}'
            ELSE format('{{:08x}}-5a3c-4f7e-9b21-{{:012x}}',
                mixed(pick(i, 51, {PEOPLE})), mixed(pick(i, 51, {PEOPLE}) + 100))
        END,
        (pick(i, 52, 40000) + 350)::DECIMAL(10, 2) / 100,
        DATE '2024-01-01' + (i * 730 // (400 * getvariable('scale')))::INTEGER,
        CASE WHEN pick(i, 53, 8) > 0 THEN one_of([
            'Train to Kraków', 'Hotel, two nights', 'Taxi: "airport, quick"', 'Books', '会議',
            E'Lunch\\nand dinner', 'Coffee with O''Brien', 'Phone'
        ], i, 54) END
    FROM range(400 * getvariable('scale')) AS numbers(i)
"""  # noqa: S608  nothing of it is anybody's

# In Redshift's SQL: how an operator protects a table (docs/row_level_security.md).
PROTECTION = (
    """
    CREATE RLS POLICY own_expenses WITH (person VARCHAR(64))
    USING (
        person = current_setting('app.person', FALSE)
        OR current_setting('app.groups', FALSE) LIKE '%|finance|%'
    )
    """,
    'ATTACH RLS POLICY own_expenses ON staff.expenses TO PUBLIC',
    'ALTER TABLE staff.expenses ROW LEVEL SECURITY ON',
)
