"""Tests of the OpenAPI document and of its linter."""
