"""What each function of Redshift becomes in DuckDB, by chapters of its documentation."""
