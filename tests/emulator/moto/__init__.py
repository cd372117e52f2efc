"""Tests of emulator/moto/."""
