"""The log groups that a stage which Chalice deploys has beside its stack."""

from typing import TYPE_CHECKING

from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def of_access(stage: Stage) -> str:
    """Return the name of the log group of the API's access log."""
    return f'/aws/apigateway/{stage.stack_name}'


def of_function(stage: Stage) -> str:
    """Return the name of the log group that the function writes to.

    Chalice 1.34 makes one of another name, and the function's role may not make any.
    """
    return f'/aws/lambda/{stage.stack_name}'


def ensure(logs: 'CloudWatchLogsClient', name: str, days: int | None) -> bool:
    """Make a log group that is kept for so many days; return whether anything had to change."""
    found = None
    try:
        logs.create_log_group(logGroupName=name)
    except logs.exceptions.ResourceAlreadyExistsException:
        pages = logs.get_paginator('describe_log_groups').paginate(logGroupNamePrefix=name)
        groups = (each for page in pages for each in page['logGroups'])
        found = next(each for each in groups if each['logGroupName'] == name)
    if found and (not days or found.get('retentionInDays') == days):
        return False
    if days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    return True
