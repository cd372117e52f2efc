"""Tests of ops/trying/."""
