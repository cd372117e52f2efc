"""Math and hash functions."""

from emulator.redshift.functions.becomes import Becomes, first, macro, missing, renamed, same

_FLOAT = 'float8'


def _same_floats(*names: str) -> dict[str, Becomes]:
    return {name: same(_FLOAT) for name in names}


def _positive(name: str) -> str:
    return (
        "CASE WHEN x::DOUBLE = 0 THEN error('cannot take logarithm of zero') "
        "WHEN x::DOUBLE < 0 THEN error('cannot take logarithm of a negative number') "
        f'ELSE {name}(x::DOUBLE) END'
    )


NUMBERS = {
    **_same_floats('acos', 'asin', 'atan', 'atan2', 'cbrt', 'cos', 'cot', 'degrees', 'exp'),
    **_same_floats('pi', 'radians', 'random', 'sin', 'tan'),
    'abs': same(first),
    'ceil': same(),
    'ceiling': renamed('ceil'),
    'dexp': renamed('exp', _FLOAT),
    'dlog1': macro(f'(x) AS {_positive("ln")}', _FLOAT),
    'dlog10': macro(f'(x) AS {_positive("log10")}', _FLOAT),
    'ln': macro(f'(x) AS {_positive("ln")}', _FLOAT),
    'floor': same(),
    'log': macro(f'(x) AS {_positive("log10")}, (base, x) AS log(base, x)', _FLOAT),
    'mod': same(),
    'pow': same(_FLOAT),
    'power': renamed('pow', _FLOAT),
    'round': macro('(x) AS round(x), (x, places) AS round(x, places::INTEGER)', first),
    'sign': same(),
    'sqrt': macro(
        "(x) AS CASE WHEN x::DOUBLE < 0 THEN error('cannot take square root of a negative number') "
        'ELSE sqrt(x::DOUBLE) END',
        _FLOAT,
    ),
}
# FNV-1a of 64 bits, in whole numbers of 128.
_FNV_OF_HEX = """
    list_reduce(
        list_prepend({seed}, list_transform(
            range({bytes}), lambda i: ('0x' || substring({hex}, 2 * i + 1, 2))::HUGEINT)),
        lambda hash, byte: (xor(hash, byte) * 1099511628211) % 18446744073709551616
    )
"""
HASH_MACROS = {
    'redshift_signed64': """
        (hash) AS (CASE WHEN hash > 9223372036854775807 THEN hash - 18446744073709551616
            ELSE hash END)::BIGINT
    """,
}
_SIGNED = 'redshift_signed64({})'
_START = '14695981039346656037::HUGEINT'
_SEED = '(CASE WHEN seed < 0 THEN seed::HUGEINT + 18446744073709551616 ELSE seed::HUGEINT END)'


def _fnv(seed: str) -> str:
    text = _FNV_OF_HEX.format(seed=seed, bytes='strlen(x::VARCHAR)', hex='hex(x::VARCHAR::BLOB)')
    parameters = 'x' if seed == _START else 'x, seed'
    overloads = [
        f'({parameters.replace("x", f"x {kind}", 1)}) AS '
        + _SIGNED.format(_FNV_OF_HEX.format(seed=seed, bytes=size, hex=_little_endian(size)))
        for kind, size in (('SMALLINT', 2), ('INTEGER', 4), ('BIGINT', 8))
    ]
    return ', '.join([*overloads, f'({parameters}) AS {_SIGNED.format(text)}'])


def _little_endian(size: int) -> str:
    """Return the bytes of a whole number, the lowest first, as hexadecimal digits."""
    digits = f"right(printf('%016x', x::BIGINT), {2 * size})"
    pairs = ' || '.join(f'substring({digits}, {2 * (size - i) - 1}, 2)' for i in range(size))
    return f'({pairs})'


HASHES = {
    'checksum': missing('how Redshift computes it is not documented'),
    'farmfingerprint64': missing('it has no FarmHash'),
    'fnv_hash': macro(f'{_fnv(_START)}, {_fnv(_SEED)}', 'int8'),
    'func_sha1': renamed('sha1', 'varchar'),
    'md5': same('varchar'),
    'murmur3_32_hash': missing('what Redshift hashes of a value is not documented'),
    'sha': renamed('sha1', 'varchar'),
    'sha1': same('varchar'),
    'sha2': macro(
        '(x, bits) AS CASE WHEN bits IN (0, 256) THEN sha256(x) '
        "ELSE error('SHA2 of this number of bits is not available in the emulator') END",
        'varchar',
    ),
}
