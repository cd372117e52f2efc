"""The error of this room."""


class Refused(ValueError):
    """A statement that Redshift refuses; the message is what it would say after ``ERROR: ``."""
