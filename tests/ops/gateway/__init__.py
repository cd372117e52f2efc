"""Tests of ops/gateway/."""
