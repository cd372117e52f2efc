"""The templates and the policy of what is deployed."""
