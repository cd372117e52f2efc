"""The part of the template for documents: what it makes, and under which names."""

from tests.support.stages import templates
from tests.support.stages.templates import properties, resolved


def test_bucket_is_private_and_keeps_versions() -> None:
    bucket = properties(resolved(templates.resources()), 'DocumentsBucket')

    templates.check_bucket_is_private('DocumentsBucket')
    assert bucket['VersioningConfiguration'] == {'Status': 'Enabled'}
    rules = bucket.get('LifecycleConfiguration', {}).get('Rules', [])
    assert not any('Expiration' in key for rule in rules for key in rule)


def test_bucket_has_the_name_that_is_given_or_is_one_that_exists() -> None:
    templates.check_is_named('DocumentsBucketName', 'DocumentsBucket', 'BucketName')
    templates.check_is_used_instead(
        'ExistingDocumentsBucketName',
        {'DocumentsBucket', 'DocumentsBucketPolicy'},
        'DocumentsBucketName',
    )
    for parameter in ('DocumentsBucketName', 'ExistingDocumentsBucketName'):
        templates.check_name_is_checked(parameter)
