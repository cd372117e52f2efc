"""Who asks, down to the data: what a person may reach, and the role that holds them to it."""
