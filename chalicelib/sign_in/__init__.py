"""Sign-in through the API: the pool's endpoints under its address, and their metadata."""
