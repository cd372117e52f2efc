"""Tests of emulator/lambda_/."""
