"""Tests of ops/cloudformation/."""
