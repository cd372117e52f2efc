"""What is compared: each module is the app.py of a zip and answers the same call."""
