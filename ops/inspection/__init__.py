"""How a check of `ops doctor` is asked, and what it can find out of a stage."""
