"""MCP as tests speak it."""
