"""A stage as it is packaged, deployed, updated and removed."""
