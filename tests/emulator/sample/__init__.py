"""Tests of emulator/sample/."""
