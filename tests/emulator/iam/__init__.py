"""Tests of emulator.iam."""
