"""Tests of ops/deployment/."""
