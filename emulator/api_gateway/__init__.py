"""API Gateway: REST APIs, their Cognito authorizer and what they answer by themselves."""
