"""The settings that the app needs when it is imported, and none of the machine's own."""

import os

# app.py reads the pool when it is imported; nothing here may reach AWS.
os.environ['COGNITO_USER_POOL_ARN'] = (
    'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_LocalPool'
)
os.environ.update(
    AWS_ACCESS_KEY_ID='testing', AWS_SECRET_ACCESS_KEY='testing', AWS_DEFAULT_REGION='us-east-1'
)
for leftover in ('AWS_PROFILE', 'AWS_CHALICE_CLI_MODE', 'COGNITO_CLIENT_IDS'):
    os.environ.pop(leftover, None)
