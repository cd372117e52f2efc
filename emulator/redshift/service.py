"""The Data API on a warehouse of its own: its operations by name, and their end."""

from collections.abc import Callable

from emulator.expiring import Clock
from emulator.redshift.inputs import Json
from emulator.redshift.schema_operations import SchemaOperations
from emulator.redshift.statement_operations import StatementOperations
from emulator.redshift.statements import Statements
from emulator.redshift.warehouse import Warehouse


class Service:
    """The operations that are served; close() it when done."""

    def __init__(self, database: str, scale: int, slots: int, clock: Clock) -> None:
        self._warehouse = Warehouse(database, scale)
        self._statements = Statements(self._warehouse, slots, clock)
        own = StatementOperations(self._statements, clock)
        schema = SchemaOperations(self._warehouse)
        self.operations: dict[str, Callable[[Json], Json]] = {
            'ExecuteStatement': own.execute_statement,
            'BatchExecuteStatement': own.execute_statement,
            'DescribeStatement': own.describe_statement,
            'GetStatementResult': own.get_statement_result,
            'GetStatementResultV2': own.get_statement_result_v2,
            'CancelStatement': own.cancel_statement,
            'ListStatements': own.list_statements,
            'ListDatabases': schema.list_databases,
            'ListSchemas': schema.list_schemas,
            'ListTables': schema.list_tables,
            'DescribeTable': schema.describe_table,
        }

    def close(self) -> None:
        """Cancel whatever runs, and remove all data."""
        self._statements.close()
        self._warehouse.close()
