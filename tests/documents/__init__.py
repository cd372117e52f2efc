"""Tests of chalicelib/documents/."""
