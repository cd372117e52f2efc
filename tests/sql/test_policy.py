"""What the function may not do, of SQL."""

import pytest

from emulator.iam import policy as iam_policy
from emulator.iam.policy import Permission
from tests.resources.test_policy import of_stage
from tests.sql.scenarios import CLUSTER, SECRET
from tests.support.every_operation import AS_ITSELF

POLICY = of_stage(
    AS_ITSELF | CLUSTER | {'REDSHIFT_DB_USER': 'gpt_reader', 'REDSHIFT_SECRET_ARN': SECRET}
)
RESULTS = AS_ITSELF['RESULTS_BUCKET_NAME']


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('s3:GetObject', f'arn:aws:s3:::{RESULTS}/other/1.csv'),
        ('s3:GetObject', f'arn:aws:s3:::{RESULTS}-of-prod/sql/jane/1/1.csv'),
        ('s3:ListBucket', 'arn:aws:s3:::another-bucket'),
        ('secretsmanager:GetSecretValue', SECRET.replace('redshift', 'other')),
        ('redshift:GetClusterCredentials', 'arn:aws:redshift:us-east-1:1:dbuser:shop/admin'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(POLICY, Permission(action, resource))


@pytest.mark.parametrize(('owner', 'allowed'), [('AROA:function', True), ('AROA:other', False)])
def test_statements_of_another_role_stay_its_own(owner: str, *, allowed: bool) -> None:
    circumstances = {
        'aws:userid': 'AROA:function',
        'redshift-data:statement-owner-iam-userid': owner,
    }
    asked = Permission('redshift-data:GetStatementResult', '*', circumstances)

    assert iam_policy.allows(POLICY, asked) is allowed
