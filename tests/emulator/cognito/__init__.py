"""Tests of emulator/cognito/."""
