"""What the function may not do, of documents."""

import pytest

from tests.resources.test_policy import of_stage
from tests.support.aws import iam_policy
from tests.support.aws.calls import Permission
from tests.support.every_operation import SETTINGS

DOCUMENTS = SETTINGS['DOCUMENTS_BUCKET_NAME']


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('s3:GetObjectVersion', f'arn:aws:s3:::{DOCUMENTS}/a.txt'),
        ('s3:PutObject', f'arn:aws:s3:::{DOCUMENTS}/a.txt'),
        ('s3:DeleteObject', f'arn:aws:s3:::{DOCUMENTS}/uploads/jane/a.txt'),
        ('s3:ListBucket', 'arn:aws:s3:::another-bucket'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(of_stage(SETTINGS), Permission(action, resource))


@pytest.mark.parametrize('folder', ['team', '/team/', 'team/'])
def test_folder_of_the_documents_is_a_part_of_their_arns(folder: str) -> None:
    policy = of_stage(SETTINGS | {'DOCUMENTS_PREFIX': folder})
    found = {each['Sid']: each['Resource'] for each in policy['Statement']}

    assert found['ReadDocuments'] == [f'arn:aws:s3:::{DOCUMENTS}/team/*']
    assert found['SaveDocuments'] == [f'arn:aws:s3:::{DOCUMENTS}/team/uploads/*']
