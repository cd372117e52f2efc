"""Redshift's SQL, read as Redshift reads it and written as DuckDB takes it."""
