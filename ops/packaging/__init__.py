"""What Lambda gets: the zip, whole, and whether it works."""
