"""Resources of AWS::ApiGateway."""

import json
from collections.abc import Iterator

from emulator.cloudformation.resources.handler import Failed, Handler, Json, Made, refuse

_METHOD_SETTINGS = {
    'DataTraceEnabled': 'logging/dataTrace',
    'LoggingLevel': 'logging/loglevel',
    'MetricsEnabled': 'metrics/enabled',
    'ThrottlingBurstLimit': 'throttling/burstLimit',
    'ThrottlingRateLimit': 'throttling/rateLimit',
}


class ApiGateway(Handler):
    """What the types below have in common."""

    service = 'apigateway'

    @property
    def api_id(self) -> str:
        """The id of the API that the resource belongs to."""
        return str(self.properties['RestApiId'])


class Account(ApiGateway):
    """AWS::ApiGateway::Account: a setting of the account, which has it once in a Region."""

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
        self.call('update_account', patchOperations=[_replace('cloudwatchRoleArn', role)])


class RestApi(ApiGateway):
    """AWS::ApiGateway::RestApi, which is made from a definition."""

    def create(self) -> Made:
        """Import the definition."""
        types = self.properties.get('EndpointConfiguration', {}).get('Types', ['EDGE'])
        parameters = {
            'endpointConfigurationTypes': types[0],
            **self.properties.get('Parameters', {}),
        }
        api = self.call('import_rest_api', body=self._definition(), parameters=parameters)
        self._patch(api['id'])
        return Made(api['id'], {'RestApiId': api['id'], 'RootResourceId': api['rootResourceId']})

    def update(self) -> Made:
        """Overwrite the API with the definition."""
        if self.changed & {'EndpointConfiguration', 'Parameters'}:
            raise Failed('Update of the endpoint is not emulated.')
        if self.properties.get('Mode') != 'overwrite':
            raise Failed('An update in another Mode than overwrite is not emulated.')
        api_id = self.made.id
        body = self._definition()
        api = self.call('put_rest_api', restApiId=api_id, mode='overwrite', body=body)
        self._patch(api_id)
        return Made(api_id, {'RestApiId': api_id, 'RootResourceId': api['rootResourceId']})

    def delete(self) -> None:
        """Delete the API."""
        self.call('delete_rest_api', restApiId=self.made.id)

    def _definition(self) -> str:
        refuse(
            self.without(
                *('Body', 'Mode', 'Parameters', 'EndpointConfiguration'),
                *('SecurityPolicy', 'EndpointAccessMode'),
            )
        )
        return json.dumps(self.properties['Body'])

    def _patch(self, api_id: str) -> None:
        patch = [
            _replace(name[0].lower() + name[1:], self.properties[name])
            for name in ('SecurityPolicy', 'EndpointAccessMode')
            if name in self.properties
        ]
        if patch:
            self.call('update_rest_api', restApiId=api_id, patchOperations=patch)


class Deployment(ApiGateway):
    """AWS::ApiGateway::Deployment."""

    def create(self) -> Made:
        """Deploy the API as it is now."""
        refuse(self.without('RestApiId', 'Description', 'StageName'))
        stage, description = (self.properties.get(name) for name in ('StageName', 'Description'))
        deployment = self.call(
            'create_deployment', restApiId=self.api_id, stageName=stage, description=description
        )
        return Made(deployment['id'], {'DeploymentId': deployment['id']})

    def update(self) -> Made:
        """Leave what was deployed as it is: a description is all that can differ."""
        return self.made

    def delete(self) -> None:
        """Delete the deployment, which must not be in force."""
        self.call('delete_deployment', restApiId=self.api_id, deploymentId=self.made.id)


class Stage(ApiGateway):
    """AWS::ApiGateway::Stage."""

    def create(self) -> Made:
        """Create the stage, and set it up."""
        name, deployment = self.properties['StageName'], self.properties['DeploymentId']
        self.call('create_stage', restApiId=self.api_id, stageName=name, deploymentId=deployment)
        self._set_up(name)
        return Made(name)

    def update(self) -> Made:
        """Put another deployment into force, and set up what differs."""
        self._set_up(self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the stage."""
        self.call('delete_stage', restApiId=self.api_id, stageName=self.made.id)

    def _set_up(self, name: str) -> None:
        refuse(
            self.without(
                *('RestApiId', 'StageName', 'DeploymentId', 'TracingEnabled'),
                *('AccessLogSetting', 'MethodSettings'),
            )
        )
        if gone := set(self.before) - set(self.properties):
            raise Failed(f'Removal of {", ".join(sorted(gone))} is not emulated.')
        operations = list(self._operations())
        self.call('update_stage', restApiId=self.api_id, stageName=name, patchOperations=operations)

    def _operations(self) -> Iterator[Json]:
        yield _replace('deploymentId', self.properties['DeploymentId'])
        if 'TracingEnabled' in self.properties:
            yield _replace('tracingEnabled', self.properties['TracingEnabled'])
        log = self.properties.get('AccessLogSetting', {})
        for name, value in log.items():
            yield _replace(f'accessLogSettings/{name[0].lower()}{name[1:]}', value)
        for settings in self.properties.get('MethodSettings', []):
            resource = settings['ResourcePath'].lstrip('/').replace('/', '~1')
            of_method = dict(settings)
            where = f'{resource or "~1"}/{of_method.pop("HttpMethod")}'
            del of_method['ResourcePath']
            refuse({name: 0 for name in of_method if name not in _METHOD_SETTINGS})
            for name, value in of_method.items():
                yield _replace(f'{where}/{_METHOD_SETTINGS[name]}', value)


def _replace(path: str, value: object) -> Json:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return {'op': 'replace', 'path': f'/{path}', 'value': text}
