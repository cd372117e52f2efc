"""Tests of ops/checks/."""
