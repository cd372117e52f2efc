"""Tests of ops/app_clients/."""
