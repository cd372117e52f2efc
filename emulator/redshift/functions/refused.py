"""The error of a statement that fails."""


class SqlError(Exception):
    """A statement that fails; its text is what Redshift would say."""
