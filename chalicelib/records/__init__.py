"""Records of a DynamoDB table, found by their key."""
