"""The project as a whole: its rooms, its documentation, its settings."""
