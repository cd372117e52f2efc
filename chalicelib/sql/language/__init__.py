"""Redshift's SQL: its words and relations, how a statement is read, and what models get wrong."""
