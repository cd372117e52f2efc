"""Settings of API Gateway beside the routes."""
