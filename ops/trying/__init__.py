"""An operation called as ChatGPT would call it."""
