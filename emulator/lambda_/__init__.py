"""Lambda: the event of a call, and functions in processes of their own."""
