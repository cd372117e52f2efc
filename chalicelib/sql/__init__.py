"""SQL on Redshift: guarded, run as statements of the Data API, handed back as CSV files."""
