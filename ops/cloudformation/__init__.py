"""CloudFormation stacks as an operator sees them."""
