"""Tests of ops/stage/."""
