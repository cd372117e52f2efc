"""`chalice deploy` and `chalice delete`, with this machine for AWS, and what they make of it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from app import app
from chalicelib.operations.routes import operation_routes
from emulator.lambda_.process import RUNTIME
from emulator.server import Emulator, run_in_thread
from ops.gateway import ip_allow_list
from ops.stage import variables
from tests.support.people.signing_in import CALLBACK, PASSWORD, App, Browser, parameters
from tests.support.stages import templates
from tests.support.stages.deployed_function import REGION
from tests.support.stages.stacks import Stacks, outputs
from tests.support.stages.stacks import parameters as given

ROOT = Path(__file__).parent.parent.parent.parent
CHALICE = Path(sys.executable).with_name('chalice')
JANE = 'jane@stack.example'
OWN_PACKAGES = ('chalicelib', '.chalice', 'emulator', 'ops')


@dataclass
class Deployed:
    """A project that is deployed as the stage dev, with the resources of its stack."""

    emulator: Emulator
    stacks: Stacks
    folder: Path
    outputs: dict[str, str]
    said: list[str]
    stage: str = 'dev'

    def chalice(self, *arguments: str) -> str:
        """Run Chalice's own command line; return what it says."""
        environment = {name: value for name, value in os.environ.items() if name[:4] != 'AWS_'}
        run = subprocess.run(
            [CHALICE, *arguments, '--stage', self.stage],
            cwd=self.folder,
            env=environment
            | {
                'AWS_ENDPOINT_URL': self.emulator.url,
                'AWS_ACCESS_KEY_ID': 'test',
                'AWS_SECRET_ACCESS_KEY': 'test',
                'AWS_DEFAULT_REGION': REGION,
            },
            # Without the terminal: chalice's command line would ask it questions.
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run.returncode, run.stderr) == (0, '')
        return run.stdout

    @property
    def recorded(self) -> dict[str, Any]:
        """What Chalice wrote down, by the names of the resources."""
        file = self.folder / '.chalice' / 'deployed' / f'{self.stage}.json'
        return {of['name']: of for of in json.loads(file.read_text())['resources']}

    @property
    def api_id(self) -> str:
        """The id of the API."""
        return str(self.recorded['rest_api']['rest_api_id'])

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f'{self.emulator.url}/execute-api/{self.api_id}/{self.stage}'

    def state(self) -> Any:
        """Return all there is of the deployment but for what names a moment."""
        gateway, functions = (self.stacks.client(of) for of in ('apigateway', 'lambda'))
        iam = self.stacks.client('iam')
        role = self.recorded['api_handler_role']['role_name']
        function = functions.get_function(FunctionName='aws-middleware-dev')
        stage = gateway.get_stage(restApiId=self.api_id, stageName='dev')
        resources = gateway.get_resources(restApiId=self.api_id, limit=500)['items']
        configuration = function['Configuration']
        for moment in ('LastModified', 'RevisionId'):
            configuration.pop(moment, None)
        return (
            self.recorded,
            configuration,
            functions.get_policy(FunctionName='aws-middleware-dev')['Policy'],
            iam.get_role_policy(RoleName=role, PolicyName=role)['PolicyDocument'],
            {name: value for name, value in stage.items() if name in ('tracingEnabled', 'tags')},
            sorted((r['path'], _methods(r)) for r in resources),
            [
                (each['name'], each['type'], each['providerARNs'])
                for each in gateway.get_authorizers(restApiId=self.api_id)['items']
            ],
            [api['name'] for api in gateway.get_rest_apis()['items']],
        )


def _methods(resource: Any) -> Any:
    """Return the methods of a resource, each with who may call it."""
    return sorted(
        (name, of['authorizationType'], of.get('authorizationScopes', []))
        for name, of in resource.get('resourceMethods', {}).items()
    )


@pytest.fixture(scope='module')
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Make the stack of resources, write its outputs into the settings, and deploy."""
    folder = tmp_path_factory.mktemp('project')
    ignored = shutil.ignore_patterns('__pycache__', 'deployed', 'deployments')
    for name in OWN_PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ('app.py', 'requirements.txt'):
        shutil.copy(ROOT / name, folder)
    with run_in_thread() as emulator:
        stacks = Stacks(emulator)
        stack = stacks.create(
            'aws-middleware-dev-resources',
            templates.resources(),
            Capabilities=['CAPABILITY_IAM'],
            Parameters=given(CallbackUrls=CALLBACK),
        )
        assert stack['StackStatus'] == 'CREATE_COMPLETE'
        variables.write(folder, 'dev', variables.of_outputs(outputs(stack)))
        project = Deployed(emulator, stacks, folder, outputs(stack), [])
        project.said.append(project.chalice('deploy'))
        yield project


@pytest.fixture(scope='module')
def token(deployed: Deployed) -> str:
    """Sign somebody in at the pool of the stack, page by page; return their access token."""
    cognito = deployed.stacks.client('cognito-idp')
    pool_id = deployed.outputs['CognitoUserPoolArn'].rpartition('/')[2]
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username=JANE,
        TemporaryPassword='Temporary-1234',
        MessageAction='SUPPRESS',
    )
    client_id = deployed.outputs['UserPoolClientId']
    client = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    own, browser = App(deployed.emulator, client['UserPoolClient']), Browser()
    page = browser.log_in(own, JANE, 'Temporary-1234')
    new_password = browser.get(f'{own.url}{page.headers["Location"]}', timeout=10)
    answer = browser.submit(new_password, new_password=PASSWORD, new_password_again=PASSWORD)
    tokens = own.exchange(parameters(answer)['code']).json()
    return str(tokens['access_token'])


def test_api_has_the_routes_of_the_app_and_its_authorizer(deployed: Deployed) -> None:
    program = 'import app, json; print(json.dumps({p: list(m) for p, m in app.app.routes.items()}))'
    environment = os.environ | {'COGNITO_USER_POOL_ARN': deployed.outputs['CognitoUserPoolArn']}
    run = subprocess.run(
        [sys.executable, '-c', program],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    routes = json.loads(run.stdout)
    gateway = deployed.stacks.client('apigateway')

    (authorizer,) = gateway.get_authorizers(restApiId=deployed.api_id)['items']
    resources = gateway.get_resources(restApiId=deployed.api_id, limit=500)['items']
    methods = {r['path']: r['resourceMethods'] for r in resources if 'resourceMethods' in r}

    assert authorizer['type'] == 'COGNITO_USER_POOLS'
    assert authorizer['providerARNs'] == [deployed.outputs['CognitoUserPoolArn']]
    assert {p: sorted(set(m) - {'OPTIONS'}) for p, m in methods.items()} == {
        path: sorted(of_path) for path, of_path in routes.items()
    }
    my_route = methods['/my_route']
    assert my_route['POST']['authorizationType'] == 'COGNITO_USER_POOLS'
    assert my_route['POST']['authorizerId'] == authorizer['id']
    assert my_route['POST']['authorizationScopes'] == ['openid', 'email', 'profile']
    assert my_route['OPTIONS']['authorizationType'] == 'NONE'


def test_browsers_may_call_every_operation(deployed: Deployed) -> None:
    paths = [re.sub('{.*?}', 'a', route.path) for route in operation_routes(app)]

    for path in paths:
        answer = requests.options(f'{deployed.url}{path}', timeout=60)
        assert (answer.status_code, answer.headers['Access-Control-Allow-Origin']) == (200, '*')
        assert 'Authorization' in answer.headers['Access-Control-Allow-Headers']


def test_pool_that_is_there_is_enough(deployed: Deployed) -> None:
    cognito = deployed.stacks.client('cognito-idp')
    pool = cognito.create_user_pool(PoolName='own', UsernameAttributes=['email'])['UserPool']
    client = cognito.create_user_pool_client(UserPoolId=pool['Id'], ClientName='own')
    cognito.admin_create_user(UserPoolId=pool['Id'], Username=JANE)
    client_id = client['UserPoolClient']['ClientId']
    issued = deployed.emulator.tokens.issue_for(client_id, JANE, 'openid email profile')
    variables.write(deployed.folder, 'prod', {'COGNITO_USER_POOL_ARN': pool['Arn']})
    alone = replace(deployed, stage='prod')

    alone.chalice('deploy')

    headers = {'Authorization': f'Bearer {issued["access_token"]}'}
    let_in = requests.post(f'{alone.url}/my_route', headers=headers, timeout=60)
    assert (let_in.status_code, let_in.json()) == (200, {'success': True})
    assert requests.post(f'{alone.url}/my_route', timeout=60).status_code == 401
    alone.chalice('delete')


def test_function_is_as_configured(deployed: Deployed) -> None:
    functions = deployed.stacks.client('lambda')
    function = functions.get_function(FunctionName='aws-middleware-dev')['Configuration']

    assert (function['Runtime'], function['Timeout'], function['MemorySize']) == (
        RUNTIME,
        45,
        512,
    )
    assert function['Architectures'] == ['x86_64']
    assert function['TracingConfig'] == {'Mode': 'Active'}
    given_to_it = function['Environment']['Variables']
    assert given_to_it == variables.of_outputs(deployed.outputs)


def test_deploying_twice_changes_nothing(deployed: Deployed, token: str) -> None:
    before = deployed.state()

    deployed.said.append(deployed.chalice('deploy'))

    assert deployed.state() == before
    answer = requests.post(f'{deployed.url}/my_route', headers={'Authorization': token}, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {'success': True})
    assert 'Updating rest API' in deployed.said[1]


def test_somebody_of_the_stacks_pool_is_let_in_and_nobody_else(
    deployed: Deployed, token: str
) -> None:
    def status(headers: dict[str, str]) -> int:
        return requests.post(f'{deployed.url}/my_route', headers=headers, timeout=60).status_code

    elsewhere = deployed.emulator.tokens.issue_for(
        deployed.emulator.client_id, 'jane@example.com', 'openid email profile'
    )

    assert status({'Authorization': f'Bearer {token}'}) == 200
    assert status({}) == 401
    assert status({'Authorization': f'Bearer {elsewhere["access_token"]}'}) == 401


def test_function_works_with_what_the_stack_made(deployed: Deployed, token: str) -> None:
    deployed.stacks.client('dynamodb').put_item(
        TableName=deployed.outputs['RecordsTableName'],
        Item={'owner': {'S': 'a'}, 'item': {'S': '1'}},
    )
    deployed.stacks.client('s3').put_object(
        Bucket=deployed.outputs['DocumentsBucketName'], Key='note.txt', Body=b'A note'
    )
    asked: Any = {'headers': {'Authorization': f'Bearer {token}'}, 'timeout': 60}

    records = requests.get(f'{deployed.url}/records?key=a', **asked).json()['records']
    text = requests.get(f'{deployed.url}/documents/text?key=note.txt', **asked).json()['text']
    started = requests.post(
        f'{deployed.url}/workflows', json={'input_json': '{"quantity": 2}'}, **asked
    ).json()

    assert [(r['key'], r['sort_key']) for r in records] == [('a', '1')]
    assert text == 'A note'
    assert started['execution_id']


def test_sign_in_through_the_api_leads_to_the_pages_here(deployed: Deployed) -> None:
    asked = {
        'response_type': 'code',
        'client_id': deployed.outputs['UserPoolClientId'],
        'redirect_uri': CALLBACK,
    }

    answer = requests.get(
        f'{deployed.url}/oauth2/authorize', asked, allow_redirects=False, timeout=60
    )

    assert answer.status_code == 302
    assert answer.headers['Location'].startswith(f'{deployed.emulator.url}/oauth2/authorize?')


def test_metadata_of_the_protected_resource_names_the_api_here(deployed: Deployed) -> None:
    answer = requests.get(f'{deployed.url}/.well-known/oauth-protected-resource', timeout=60)

    assert answer.json()['resource'] == f'{deployed.url}/mcp'


def test_closed_api_stays_closed_when_chalice_deploys(deployed: Deployed) -> None:
    ranges = ['8.8.8.0/24']
    ip_allow_list.keep(deployed.folder, ranges)

    deployed.chalice('deploy')

    api = deployed.stacks.client('apigateway').get_rest_api(restApiId=deployed.api_id)
    assert json.loads(api['policy']) == ip_allow_list.resource_policy(ranges)


def test_deletion_leaves_the_stack_and_nothing_else(deployed: Deployed) -> None:
    url = deployed.url

    deployed.chalice('delete')

    client = deployed.stacks.client
    assert requests.post(f'{url}/my_route', timeout=10).json() == {'message': 'Forbidden'}
    assert client('apigateway').get_rest_apis()['items'] == []
    assert client('lambda').list_functions()['Functions'] == []
    roles = [role['RoleName'] for role in client('iam').list_roles()['Roles']]
    assert not [role for role in roles if 'api_handler' in role]
    resources = deployed.stacks.ended('aws-middleware-dev-resources')
    assert resources['StackStatus'] == 'CREATE_COMPLETE'
