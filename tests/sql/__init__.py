"""Tests of chalicelib/sql/."""
