"""People who sign in, their browsers and their tokens."""
