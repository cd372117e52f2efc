"""Tests of emulator/redshift/functions/: a module for each chapter of the documentation."""
