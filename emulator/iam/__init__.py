"""IAM: what policies allow, evaluated for each call of a session, and roles that are assumed."""
