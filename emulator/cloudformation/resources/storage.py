"""Resources of AWS::S3 and AWS::DynamoDB."""

import json
from typing import Any

from botocore.exceptions import ClientError

from emulator.cloudformation.resources.handler import Failed, Handler, Json, Made, refuse

# Of a bucket's properties: the call that sets it, its parameter, and the one that removes it.
_BUCKET_SETTINGS = {
    'BucketEncryption': (
        'put_bucket_encryption',
        'ServerSideEncryptionConfiguration',
        'delete_bucket_encryption',
    ),
    'LifecycleConfiguration': (
        'put_bucket_lifecycle_configuration',
        'LifecycleConfiguration',
        'delete_bucket_lifecycle',
    ),
    'OwnershipControls': (
        'put_bucket_ownership_controls',
        'OwnershipControls',
        'delete_bucket_ownership_controls',
    ),
    'PublicAccessBlockConfiguration': (
        'put_public_access_block',
        'PublicAccessBlockConfiguration',
        'delete_public_access_block',
    ),
    'Tags': ('put_bucket_tagging', 'Tagging', 'delete_bucket_tagging'),
    'VersioningConfiguration': ('put_bucket_versioning', 'VersioningConfiguration', None),
}


class Bucket(Handler):
    """AWS::S3::Bucket."""

    service = 's3'

    def create(self) -> Made:
        """Create the bucket, which must not be there, and set it up."""
        name = self.properties.get('BucketName', self.name.lower())
        try:
            self.call('head_bucket', Bucket=name)
        except ClientError as error:
            if error.response['Error']['Code'] != '404':
                raise
        else:
            raise Failed(f'{name} already exists')
        region = self.where.region
        location = None if region == 'us-east-1' else {'LocationConstraint': region}
        self.call('create_bucket', Bucket=name, CreateBucketConfiguration=location)
        self._set_up(name)
        attributes = {
            'Arn': f'arn:aws:s3:::{name}',
            'DomainName': f'{name}.s3.amazonaws.com',
            'RegionalDomainName': f'{name}.s3.{region}.amazonaws.com',
        }
        return Made(name, attributes)

    def update(self) -> Made:
        """Set up what differs, and remove what is left out."""
        self._set_up(self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the bucket, which must be empty."""
        self.call('delete_bucket', Bucket=self.made.id)

    def _set_up(self, bucket: str) -> None:
        refuse(self.without('BucketName', *_BUCKET_SETTINGS))
        for name in sorted(self.changed - {'BucketName'}):
            put, parameter, delete = _BUCKET_SETTINGS[name]
            if name in self.properties:
                value = _as_in_the_api(name, self.properties[name])
                self.call(put, Bucket=bucket, **{parameter: value})
            elif delete:
                self.call(delete, Bucket=bucket)
            else:
                self.call(put, Bucket=bucket, **{parameter: {'Status': 'Suspended'}})


def _as_in_the_api(name: str, value: Any) -> Json:
    if name == 'BucketEncryption':
        rules = value['ServerSideEncryptionConfiguration']
        by_default = 'ApplyServerSideEncryptionByDefault'
        return {
            'Rules': [
                {by_default if key == 'ServerSideEncryptionByDefault' else key: of_rule}
                for rule in rules
                for key, of_rule in rule.items()
            ]
        }
    if name == 'LifecycleConfiguration':
        return {'Rules': [_lifecycle_rule(rule) for rule in value['Rules']]}
    return {'TagSet': value} if name == 'Tags' else value


def _lifecycle_rule(rule: Json) -> Json:
    renamed = {'Id': 'ID', 'ExpirationInDays': 'Expiration'}
    in_api: Json = {renamed.get(name, name): value for name, value in rule.items()}
    in_api['Filter'] = {'Prefix': in_api.pop('Prefix', '')}
    if 'Expiration' in in_api:
        in_api['Expiration'] = {'Days': int(in_api['Expiration'])}
    return in_api


class BucketPolicy(Handler):
    """AWS::S3::BucketPolicy."""

    service = 's3'

    def create(self) -> Made:
        """Set the policy of a bucket, which must have none."""
        bucket = self.properties['Bucket']
        try:
            self.call('get_bucket_policy', Bucket=bucket)
        except ClientError as error:
            if error.response['Error']['Code'] != 'NoSuchBucketPolicy':
                raise
        else:
            raise Failed(f'The bucket policy already exists on bucket {bucket}.')
        self._put()
        return Made(bucket)

    def update(self) -> Made:
        """Set another policy."""
        self._put()
        return self.made

    def delete(self) -> None:
        """Remove the policy."""
        self.call('delete_bucket_policy', Bucket=self.made.id)

    def _put(self) -> None:
        refuse(self.without('Bucket', 'PolicyDocument'))
        policy = json.dumps(self.properties['PolicyDocument'])
        self.call('put_bucket_policy', Bucket=self.properties['Bucket'], Policy=policy)


class Table(Handler):
    """AWS::DynamoDB::Table."""

    service = 'dynamodb'

    def create(self) -> Made:
        """Create the table, and set what CreateTable does not."""
        name = self.properties.get('TableName', self.name)
        given = self.without(
            'TableName', 'PointInTimeRecoverySpecification', 'TimeToLiveSpecification'
        )
        table = self.call('create_table', TableName=name, **given)['TableDescription']
        self._set_up(name)
        attributes = {'Arn': table['TableArn']}
        if 'LatestStreamArn' in table:
            attributes['StreamArn'] = table['LatestStreamArn']
        return Made(name, attributes)

    def update(self) -> Made:
        """Update what can be updated here."""
        changed = self.changed - {'PointInTimeRecoverySpecification', 'TimeToLiveSpecification'}
        if unsupported := changed - {'BillingMode', 'DeletionProtectionEnabled'}:
            raise Failed(f'Update of {", ".join(sorted(unsupported))} is not emulated.')
        if changed:
            given = {name: self.properties.get(name) for name in changed}
            if 'DeletionProtectionEnabled' in changed:
                given['DeletionProtectionEnabled'] = self.properties.get(
                    'DeletionProtectionEnabled', False
                )
            self.call('update_table', TableName=self.made.id, **given)
        self._set_up(self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the table, which must not be protected."""
        self.call('delete_table', TableName=self.made.id)

    def _set_up(self, name: str) -> None:
        if 'PointInTimeRecoverySpecification' in self.changed:
            off = {'PointInTimeRecoveryEnabled': False}
            recovery = self.properties.get('PointInTimeRecoverySpecification', off)
            self.call(
                'update_continuous_backups',
                TableName=name,
                PointInTimeRecoverySpecification=recovery,
            )
        if 'TimeToLiveSpecification' in self.changed:
            given = self.properties.get('TimeToLiveSpecification') or {
                **self.before['TimeToLiveSpecification'],
                'Enabled': False,
            }
            self.call('update_time_to_live', TableName=name, TimeToLiveSpecification=given)
