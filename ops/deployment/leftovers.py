"""What a failed creation has left behind: CloudFormation retains what may not be lost.

Nobody can have used it, since the stack was never complete. It is in the way of the next try, whose
resources have the same names.
"""

from typing import TYPE_CHECKING

import click
from botocore.exceptions import ClientError

from ops.cloudformation import stack, stack_events
from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef


def clear(
    stage: Stage, cloudformation: 'CloudFormationClient', found: 'StackTypeDef | None'
) -> 'StackTypeDef | None':
    """Delete a stack that was never complete, and of what it left all that is empty.

    Returns any other stack as it is.
    """
    status = found['StackStatus'] if found else ''
    if not found or status not in (*stack.NEVER_COMPLETE, 'REVIEW_IN_PROGRESS'):
        return found
    name, stack_id = found['StackName'], found['StackId']
    click.echo(f'The stack {name} was never complete ({status}). Deleting it:')
    stack.delete(cloudformation, stack_id)
    for event in stack_events.kept(cloudformation, stack_id):
        shown = f'{event["LogicalResourceId"]} {event["PhysicalResourceId"]}'
        if _remove_if_empty(stage, event):
            click.echo(f'  deleted  {shown}, which was empty')
        else:
            click.echo(f'  kept     {shown}')
    return None


def _remove_if_empty(stage: Stage, event: 'StackEventTypeDef') -> bool:
    remove = {
        'AWS::Cognito::UserPool': _remove_user_pool,
        'AWS::DynamoDB::Table': _remove_table,
        'AWS::S3::Bucket': _remove_bucket,
    }.get(event['ResourceType'])
    if not remove:
        return False
    try:
        return remove(stage, event['PhysicalResourceId'])
    except ClientError as error:
        # Somebody else removed it, or it is not for this person to look into.
        click.echo(f'  {error.response["Error"]["Message"]}', err=True)
        return False


def _remove_user_pool(stage: Stage, pool_id: str) -> bool:
    cognito = stage.cognito()
    if cognito.list_users(UserPoolId=pool_id, Limit=1)['Users']:
        return False
    cognito.update_user_pool(UserPoolId=pool_id, DeletionProtection='INACTIVE')
    cognito.delete_user_pool(UserPoolId=pool_id)
    return True


def _remove_table(stage: Stage, name: str) -> bool:
    dynamodb = stage.session().client('dynamodb', endpoint_url=stage.endpoint_url)
    found = dynamodb.scan(TableName=name, Limit=1)
    if found['Items'] or 'LastEvaluatedKey' in found:
        return False
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.get_waiter('table_exists').wait(TableName=name)
    dynamodb.delete_table(TableName=name)
    dynamodb.get_waiter('table_not_exists').wait(TableName=name)
    return True


def _remove_bucket(stage: Stage, name: str) -> bool:
    s3 = stage.session().client('s3', endpoint_url=stage.endpoint_url)
    found = s3.list_object_versions(Bucket=name, MaxKeys=1)
    if found.get('Versions') or found.get('DeleteMarkers'):
        return False
    s3.delete_bucket(Bucket=name)
    return True
