"""Tests of chalicelib/operations/."""
