"""The OpenAPI document of some operations with all that ChatGPT does not want."""
