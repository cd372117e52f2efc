"""Tests of chalicelib/records/."""
