"""What API Gateway is told beside the routes."""
