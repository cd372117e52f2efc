"""What `make` brings onto this machine, none of which needs root: packages, Node.js, a Chromium."""
