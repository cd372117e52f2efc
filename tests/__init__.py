"""The tests, one module per module under test."""
