"""Tests of chalicelib/person/."""
