"""AWS on this machine, for development and tests; never deployed."""
