"""Stages that tests deploy, and what validates their templates."""
