"""Tests of chalicelib/workflows/."""
