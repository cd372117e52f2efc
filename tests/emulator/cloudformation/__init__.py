"""Tests of emulator/cloudformation/."""
