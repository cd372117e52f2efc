"""Tests of chalicelib/sql/guard.py, functions.py and language/."""
