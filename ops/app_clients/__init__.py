"""App clients: what to paste into ChatGPT, and the callback URLs."""
