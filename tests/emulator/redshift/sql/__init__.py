"""Tests of emulator/redshift/sql/."""
