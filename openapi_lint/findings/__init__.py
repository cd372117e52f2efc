"""What a rule is, what it stands on and what it found."""
