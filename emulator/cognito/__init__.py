"""Amazon Cognito: the user pool, its OAuth endpoints and its sign-in pages."""
