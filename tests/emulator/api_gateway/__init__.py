"""Tests of emulator/api_gateway/."""
