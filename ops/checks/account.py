"""Checks of who asks: the credentials, and where they lead."""

import boto3

from ops.inspection.check import Findings, error, subject, warning
from ops.inspection.facts import Facts
from ops.inspection.live import deployed_only, user_pool_arn

check = subject('Account')


@check(
    'credentials',
    'Do the AWS credentials lead to the account of the user pool?',
    'Choose the account with AWS_PROFILE, or correct COGNITO_USER_POOL_ARN.',
)
def _lead_to_the_pool(facts: Facts) -> Findings:
    identity = facts.client('sts').get_caller_identity()
    if arn := user_pool_arn():
        account = arn.split(':')[4]
        if account != identity['Account']:
            yield error(f'they lead to {identity["Account"]}, and the user pool is in {account}')
    return str(identity['Arn'])


@check(
    'region',
    'Does `chalice deploy` deploy to the region of the user pool?',
    "Set AWS_DEFAULT_REGION, or the profile's region, to the one of the user pool.",
)
def _is_that_of_the_pool(facts: Facts) -> Findings:
    deployed_only(facts)
    there = facts.stage.region
    here = boto3.Session(profile_name=facts.stage.config.profile).region_name
    if here != there:
        yield warning(f'it is {here or "not set"} here, and the user pool is in {there}')
    return there
