"""The Redshift Data API, with a warehouse on DuckDB that speaks Redshift."""
