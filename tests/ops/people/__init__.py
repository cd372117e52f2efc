"""Tests of ops/people/."""
