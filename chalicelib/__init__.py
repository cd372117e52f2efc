"""The business logic; with app.py, all that is deployed."""

from chalicelib import lazy

lazy.install('chalicelib')
