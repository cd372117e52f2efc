"""Configuration parameters and context variables: SET, SHOW, set_config and current_setting.

A context variable is a DuckDB variable of the connection, so that a view, a policy's too, reads it
when it is queried. https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import duckdb
from sqlglot import exp

from emulator.redshift.session.refused import Refused

# https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
_DEFAULTS = {
    'analyze_threshold_percent': '10',
    'datestyle': 'ISO, MDY',
    'describe_field_name_in_uppercase': 'off',
    'downcase_delimited_identifier': 'on',
    'enable_case_sensitive_identifier': 'off',
    'enable_case_sensitive_super_attribute': 'off',
    'enable_numeric_rounding': 'on',
    'enable_result_cache_for_session': 'on',
    'enable_vacuum_boost': 'off',
    'error_on_nondeterministic_update': 'off',
    'extra_float_digits': '0',
    'json_serialization_enable': 'off',
    'json_serialization_parse_nested_strings': 'off',
    'max_cursor_result_set_size': '0',
    'mv_enable_aqmv_for_session': 'on',
    'navigate_super_null_on_error': 'on',
    'parse_super_null_on_error': 'off',
    'pg_federation_repeatable_read': 'on',
    'query_group': 'unset',
    'search_path': '$user, public',
    'spectrum_enable_pseudo_columns': 'true',
    'spectrum_query_maxerror': '-1',
    'statement_timeout': '0',
    'stored_proc_log_min_messages': 'LOG',
    'timezone': 'UTC',
    'use_fips_ssl': 'off',
    'wlm_query_slot_count': '1',
}
_CONTEXT_VARIABLE = re.compile(r'[a-z_]\w*\.[a-z_]\w*')
_SPACE = r'(?:\s|--[^\n]*\n|/\*.*?\*/)'
# Each statement is a transaction of its own, or of its batch: BEGIN and the like change nothing.
_CHANGES_NOTHING = re.compile(
    r'\W*(?:(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b[^;]*|SET\s+SEED\s+TO\s+[\d.]+|'
    r'SET\s+(?:SESSION\s+CHARACTERISTICS|TRANSACTION)\b[^;]*);?\s*',
    re.IGNORECASE,
)
_SET = re.compile(
    rf'{_SPACE}*SET{_SPACE}+(?:(?P<scope>SESSION|LOCAL){_SPACE}+)?(?P<name>\w+(?:\.\w+)?)'
    rf'{_SPACE}*(?:\bTO\b|=){_SPACE}*'
    r"""(?:'(?P<text>(?:[^']|'')*)'|(?P<words>"?[$\w.+-]+"?(?:\s*,\s*"?[$\w.+-]+"?)*))\s*;?\s*""",
    re.IGNORECASE | re.DOTALL,
)
_RESET = re.compile(rf'{_SPACE}*RESET{_SPACE}+(?P<name>\w+(?:\.\w+)?)\s*;?\s*', re.IGNORECASE)
_FIRST_WORD = re.compile(
    rf'{_SPACE}*(SET|RESET|BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b', re.IGNORECASE | re.DOTALL
)


class Assignment(NamedTuple):
    """What a parameter is set to; None is its default, which a context variable does not have."""

    name: str
    value: str | None
    is_local: bool


def read(sql: str) -> tuple[Assignment, ...] | None:
    """Return what a SET, RESET or the like sets; None for any other statement."""
    if not _FIRST_WORD.match(sql):
        return None
    if _CHANGES_NOTHING.fullmatch(sql):
        return ()
    if found := _SET.fullmatch(sql):
        text = found['text']
        value = found['words'].strip('"') if text is None else text.replace("''", "'")
        is_default = text is None and value.lower() == 'default'
        is_local = (found['scope'] or '').upper() == 'LOCAL'
        return (_checked(found['name'], None if is_default else value, is_local=is_local),)
    if found := _RESET.fullmatch(sql):
        if found['name'].lower() == 'all':
            return tuple(Assignment(name, None, is_local=False) for name in _DEFAULTS)
        return (_checked(found['name'], None, is_local=False),)
    words = re.findall(r'\w+', sql)
    raise Refused(f'{" ".join(words[:3]).upper()} is not available in the emulator')


def shown(what: str) -> str | None:
    """Return the query that SHOW of a parameter is; None if it is not of one."""
    name = what.strip().rstrip(';').strip().lower()
    if name == 'search_path' or not (name in _DEFAULTS or _CONTEXT_VARIABLE.fullmatch(name)):
        return None
    return f'SELECT current_setting(\'{name}\') AS "{name}"'


def take(tree: exp.Expr) -> tuple[Assignment, ...]:
    """Take set_config out of a statement, which the values stand for, and read current_setting.

    Wherever it stands, it takes effect before the statement runs.
    """
    found = []
    for call in list(tree.find_all(exp.Anonymous)):
        name = call.name.lower()
        if name == 'set_config':
            assignment = _assignment(call)
            found.append(assignment)
            _replace(call, exp.Literal.string(assignment.value or ''))
        elif name == 'current_setting':
            _replace(call, _current(call))
    return tuple(found)


def _replace(call: exp.Expr, by: exp.Expr) -> None:
    """Replace a call, which may be qualified."""
    parent = call.parent
    is_qualified = isinstance(parent, exp.Dot) and parent.expression is call
    (parent if parent and is_qualified else call).replace(by)


def _assignment(call: exp.Anonymous) -> Assignment:
    arguments = call.expressions
    if len(arguments) != 3:
        raise Refused('function set_config does not exist for these arguments')
    name, value, is_local = arguments
    if not (
        isinstance(name, exp.Literal)
        and isinstance(value, exp.Literal)
        and isinstance(is_local, exp.Boolean)
    ):
        raise Refused('set_config takes constants only in the emulator')
    return _checked(name.name, value.name, is_local=bool(is_local.this))


def _current(call: exp.Anonymous) -> exp.Expr:
    arguments = call.expressions
    if not arguments or not (isinstance(arguments[0], exp.Literal) and arguments[0].is_string):
        raise Refused('current_setting takes a string constant')
    may_be_missing = len(arguments) > 1 and arguments[1].sql().upper() == 'FALSE'
    name = _known(arguments[0].name)
    value = exp.cast(
        exp.Anonymous(this='getvariable', expressions=[exp.Literal.string(name)]), 'text'
    )
    if name in _DEFAULTS:
        return exp.Coalesce(this=value, expressions=[exp.Literal.string(_DEFAULTS[name])])
    if may_be_missing:
        return value
    unknown = exp.Literal.string(f'unrecognized configuration parameter "{name}"')
    error = exp.cast(exp.Anonymous(this='error', expressions=[unknown]), 'text')
    return exp.Coalesce(this=value, expressions=[error])


def _known(name: str) -> str:
    name = name.lower()
    if name not in _DEFAULTS and not _CONTEXT_VARIABLE.fullmatch(name):
        raise Refused(f'unrecognized configuration parameter "{name}"')
    return name


def _checked(name: str, value: str | None, *, is_local: bool) -> Assignment:
    name = _known(name)
    if name == 'statement_timeout' and value is not None and not re.fullmatch(r'\d{1,10}', value):
        raise Refused('parameter "statement_timeout" requires an integer value')
    if _DEFAULTS.get(name) in ('on', 'off') and value is not None:
        if value.lower() not in ('on', 'off', 'true', 'false'):
            raise Refused(f'parameter "{name}" requires a Boolean value')
        value = 'on' if value.lower() in ('on', 'true') else 'off'
    return Assignment(name, value, is_local)


class Settings:
    """What a connection has set: for itself, and until the end of its transaction."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, set_search_path: Callable[..., None]
    ) -> None:
        self._cursor = cursor
        self._set_search_path = set_search_path
        self._kept: dict[str, str | None] = {}
        self._of_transaction: dict[str, str | None] = {}
        self._is_local: dict[str, bool] = {}

    @property
    def timeout_seconds(self) -> float | None:
        """How long a statement may take; None for as long as it wants."""
        name = 'statement_timeout'
        value = self._of_transaction.get(name, self._kept.get(name))
        return int(value) / 1000 if value and int(value) else None

    def assign(self, assignments: tuple[Assignment, ...]) -> None:
        """Set parameters."""
        for name, value, is_local in assignments:
            self._of_transaction[name], self._is_local[name] = value, is_local
            self._tell(name, value)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep what is set in a transaction that ends well, unless it is local to it."""
        try:
            yield
        except BaseException:
            self.end(well=False)
            raise
        self.end(well=True)

    def end(self, *, well: bool) -> None:
        """End a transaction."""
        for name, value in self._of_transaction.items():
            if well and not self._is_local[name]:
                self._kept[name] = value
            else:
                self._tell(name, self._kept.get(name))
        self._of_transaction.clear()

    def _tell(self, name: str, value: str | None) -> None:
        if name == 'search_path':
            found = re.findall(r'\w+', (value or 'public').lower())
            self._set_search_path(*(schema for schema in found if schema != 'user'))
        literal = (value or '').replace("'", "''")
        self._run(
            f'RESET VARIABLE "{name}"'
            if value is None
            else f'SET VARIABLE "{name}" = \'{literal}\''
        )

    def _run(self, statement: str) -> None:
        """Run what takes no time, also if the statement that it belongs to is being cancelled."""
        while True:
            with suppress(duckdb.InterruptException):
                self._cursor.execute(statement)
                return
