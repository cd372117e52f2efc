"""Tests of chalicelib/sign_in/."""
