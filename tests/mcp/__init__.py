"""Tests of chalicelib/mcp/."""
