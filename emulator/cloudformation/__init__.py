"""CloudFormation: stacks and change sets of templates, also of those that SAM transforms."""
