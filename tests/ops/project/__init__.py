"""Tests of ops/project/."""
