"""What the function may not do, of documents."""

import pytest

from emulator.iam import policy as iam_policy
from emulator.iam.policy import Permission
from tests.resources.test_policy import of_stage
from tests.support.every_operation import AS_ITSELF

DOCUMENTS = AS_ITSELF['DOCUMENTS_BUCKET_NAME']


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
    assert not iam_policy.allows(of_stage(AS_ITSELF), Permission(action, resource))


@pytest.mark.parametrize('folder', ['team', '/team/', 'team/'])
def test_folder_of_the_documents_is_a_part_of_their_arns(folder: str) -> None:
    policy = of_stage(AS_ITSELF | {'DOCUMENTS_PREFIX': folder})
    found = {each['Sid']: each['Resource'] for each in policy['Statement']}

    assert found['ReadDocuments'] == [f'arn:aws:s3:::{DOCUMENTS}/team/*']
    assert found['SaveDocuments'] == [f'arn:aws:s3:::{DOCUMENTS}/team/uploads/*']
