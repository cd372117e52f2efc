"""A stage: its settings, its files and its operations."""
