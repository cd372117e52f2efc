"""The types of resources that a stack may hold, and how each is made."""
