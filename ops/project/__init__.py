"""The project's own code, changed by a command: an operation added, a capability taken out."""
