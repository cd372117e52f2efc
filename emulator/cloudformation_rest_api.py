"""Resources of AWS::ApiGateway."""

from emulator.cloudformation_resources import Handler, Made, refuse


class Account(Handler):
    """AWS::ApiGateway::Account: a setting of the account, which has it once in a Region."""

    service = 'apigateway'

    def create(self) -> Made:
        """Set the role by which API Gateway writes logs."""
        self._set()
        return Made(self.name, {'Id': self.name})

    def update(self) -> Made:
        """Set another role."""
        self._set()
        return self.made

    def delete(self) -> None:
        """Leave the account as it is, as CloudFormation does."""

    def _set(self) -> None:
        refuse(self.without('CloudWatchRoleArn'))
        role = self.properties.get('CloudWatchRoleArn', '')
        operation = {'op': 'replace', 'path': '/cloudwatchRoleArn', 'value': role}
        self.call('update_account', patchOperations=[operation])
