"""The part of the template for SQL: what it makes, and under which names."""

import pytest

from tests.support.stages import templates
from tests.support.stages.templates import properties, resolved


def test_results_are_private_and_end_after_a_day() -> None:
    bucket = properties(resolved(templates.resources()), 'ResultsBucket')

    templates.check_bucket_is_private('ResultsBucket')
    assert 'VersioningConfiguration' not in bucket
    rules = bucket['LifecycleConfiguration']['Rules']
    assert [r['ExpirationInDays'] for r in rules if 'ExpirationInDays' in r] == [1]


def test_bucket_has_the_name_that_is_given_or_is_one_that_exists() -> None:
    templates.check_is_named('ResultsBucketName', 'ResultsBucket', 'BucketName')
    templates.check_is_used_instead(
        'ExistingResultsBucketName', {'ResultsBucket', 'ResultsBucketPolicy'}, 'ResultsBucketName'
    )
    for parameter in ('ResultsBucketName', 'ExistingResultsBucketName'):
        templates.check_name_is_checked(parameter)


@pytest.mark.parametrize('given', [templates.WORKGROUP, templates.CLUSTER])
def test_redshift_settings_are_handed_on_as_given(given: dict[str, str]) -> None:
    outputs = resolved(templates.resources(), given)['Outputs']

    assert {n: o['Value'] for n, o in outputs.items() if n.startswith('Redshift')} == given


@pytest.mark.parametrize(
    ('given', 'lacking'),
    [
        (templates.WORKGROUP, 'RedshiftDatabase'),
        (templates.CLUSTER, 'RedshiftDatabase'),
        (templates.CLUSTER, 'RedshiftClusterIdentifier'),
    ],
)
def test_half_of_a_database_is_refused(given: dict[str, str], lacking: str) -> None:
    templates.check_is_refused_by_half(given, lacking)
