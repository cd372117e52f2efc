"""Tests of emulator/redshift/."""
