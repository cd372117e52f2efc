"""Workflows: executions of a Step Functions state machine."""
