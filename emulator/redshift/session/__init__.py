"""What a connection has set, and which rows it sees: settings, time limit, row-level security."""
