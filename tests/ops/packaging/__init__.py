"""Tests of ops/packaging/."""
