"""Documents in S3: listed, read as text, handed over and saved as files."""
