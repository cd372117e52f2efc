"""Business logic: with app.py all that is deployed, so it imports neither app nor a tool."""
