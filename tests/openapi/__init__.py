"""The OpenAPI document and its linter."""
