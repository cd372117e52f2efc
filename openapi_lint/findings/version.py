"""What the tool is called where it is installed, and which one it is."""

NAME = 'gpt-action-lint'
VERSION = '0.1.0'
