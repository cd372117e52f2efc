"""The parts of a date or time, by all the names that Redshift takes for them.

https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html
"""

from sqlglot import exp

from emulator.redshift.functions.refused import SqlError

_NAMES = {
    'millennium': 'mil mils millennium millennia',
    'century': 'c cent cents century centuries',
    'decade': 'dec decs decade decades',
    'epoch': 'epoch',
    'year': 'y yr yrs year years',
    'quarter': 'qtr qtrs quarter quarters',
    'month': 'mon mons month months',
    'week': 'w week weeks',
    'dow': 'dow dw dayofweek weekday',
    'doy': 'doy dy dayofyear yearday',
    'day': 'd day days',
    'hour': 'h hr hrs hour hours',
    'minute': 'm min mins minute minutes',
    'second': 's sec secs second seconds',
    'millisecond': 'ms msec msecs msecond mseconds millisec millisecs millisecon millisecond '
    'milliseconds',
    'microsecond': 'us usec usecs usecond useconds microsec microsecs microsecond microseconds',
    'timezone': 'timezone',
    'timezone_hour': 'timezone_hour',
    'timezone_minute': 'timezone_minute',
}
_PARTS = {name: part for part, names in _NAMES.items() for name in names.split()}


def date_part(node: exp.Expr) -> str:
    """Return the one name of the part that a call names, as a word or between quotes."""
    name = node.name.lower()
    if name not in _PARTS:
        raise SqlError(f'ERROR: date/time units "{name}" not recognized')
    return _PARTS[name]
