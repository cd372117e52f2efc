"""The business logic; with app.py, all that is deployed."""

from chalicelib import lazy

lazy.install(
    'chalicelib',
    # What urllib.parse and msgspec import, and no call needs before it is used.
    *('ipaddress', 'msgspec.inspect', 'msgspec.msgpack', 'msgspec.toml', 'msgspec.yaml'),
)
