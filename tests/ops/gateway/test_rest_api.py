"""What `ops up` sets on a REST API that `chalice deploy` made, and what it leaves alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from ops.gateway import rest_api
from ops.gateway.ip_allow_list import KEPT_IN, keep, keep_none, resource_policy
from tests.support.stages.stage_on_emulator import ACCOUNT, REGION, Project, project_on_emulator

LOG_GROUP = '/aws/apigateway/aws-middleware-dev'
NEXT = 'Next: chalice deploy --stage dev, and then this command again.\n'
ONLY = f'open to the addresses in {KEPT_IN} only'
GATEWAY = json.loads(Path('.chalice/gateway.json').read_text())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose stage dev has an API as Chalice makes and records it."""
    with project_on_emulator(tmp_path) as project:
        api = project.client('apigateway')
        role = f'arn:aws:iam::{ACCOUNT}:role/api-gateway-logs'
        patch = {'op': 'replace', 'path': '/cloudwatchRoleArn', 'value': role}
        api.update_account(patchOperations=[patch])
        made = api.create_rest_api(name='aws-middleware')
        method = {
            'restApiId': made['id'],
            'resourceId': made['rootResourceId'],
            'httpMethod': 'GET',
        }
        api.put_method(**method, authorizationType='NONE')
        api.put_integration(**method, type='MOCK')
        api.create_deployment(restApiId=made['id'], stageName='dev', tracingEnabled=True)
        url = f'https://{made["id"]}.execute-api.{REGION}.amazonaws.com/dev/'
        recorded = {'name': 'rest_api', 'rest_api_id': made['id'], 'rest_api_url': url}
        folder = project.folder / '.chalice' / 'deployed'
        folder.mkdir()
        (folder / 'dev.json').write_text(
            json.dumps({'schema_version': '2.0', 'backend': 'api', 'resources': [recorded]})
        )
        yield project


def apply(project: Project, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Set up the API; return what is told."""
    rest_api.apply(project.stage())
    return capsys.readouterr().out.splitlines()


def api_id(project: Project) -> str:
    """Return the API's id."""
    return str(project.stage().rest_api()['rest_api_id'])


def found(project: Project) -> dict[str, Any]:
    """Return what the API and its stage are set to."""
    api, id_ = project.client('apigateway'), api_id(project)
    responses = api.get_gateway_responses(restApiId=id_)['items']
    stage = api.get_stage(restApiId=id_, stageName='dev')
    return {
        'responses': {each['responseType']: each['responseParameters'] for each in responses},
        'policy': api.get_rest_api(restApiId=id_).get('policy'),
        'methods': stage['methodSettings']['*/*'],
        'log': stage['accessLogSettings'],
        'deployments': len(api.get_deployments(restApiId=id_)['items']),
    }


def days_kept(project: Project) -> int | None:
    """Return how long the access log is kept."""
    logs = project.client('logs').describe_log_groups(logGroupNamePrefix=LOG_GROUP)
    (log_group,) = logs['logGroups']
    days: int | None = log_group.get('retentionInDays')
    return days


def test_sets_what_chalice_cannot(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    lines = apply(project, capsys)

    assert lines[0] == f'API {api_id(project)}, stage dev:'
    assert '  set: gateway responses UNAUTHORIZED, DEFAULT_4XX, DEFAULT_5XX' in lines
    assert '  as it should be: open to all' in lines
    assert '  set: TLS by SecurityPolicy_TLS13_1_2_2021_06' in lines
    assert '  deployed' in lines
    assert '  set: at most 50 calls a second, and 100 at once' in lines
    assert '  as it should be: no trace of what is sent' in lines
    assert f'  set: access log {LOG_GROUP}, kept for 90 days' in lines
    now = found(project)
    url = f'https://{api_id(project)}.execute-api.{REGION}.amazonaws.com/dev'
    assert now['responses']['UNAUTHORIZED']['gatewayresponse.header.WWW-Authenticate'] == (
        f'\'Bearer resource_metadata="{url}/.well-known/oauth-protected-resource"\''
    )
    assert set(now['responses']) == set(GATEWAY['responses'])
    assert (now['methods']['throttlingRateLimit'], now['methods']['throttlingBurstLimit']) == (
        *(GATEWAY['throttling']['rate_limit'], GATEWAY['throttling']['burst_limit']),
    )
    assert now['methods']['dataTraceEnabled'] is False
    assert now['log'] == {
        'format': json.dumps(GATEWAY['access_log']['format']),
        'destinationArn': f'arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{LOG_GROUP}',
    }
    assert days_kept(project) == 90


def test_again_changes_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    apply(project, capsys)
    before = found(project)

    lines = apply(project, capsys)

    assert found(project) == before
    assert [line for line in lines[1:] if not line.startswith('  as it should be: ')] == []


def test_sets_only_what_differs(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    apply(project, capsys)
    before = found(project)
    api = project.client('apigateway')
    patches = [
        {'op': 'replace', 'path': '/*/*/throttling/rateLimit', 'value': '7'},
        {'op': 'replace', 'path': '/*/*/logging/dataTrace', 'value': 'true'},
    ]
    api.update_stage(restApiId=api_id(project), stageName='dev', patchOperations=patches)
    api.delete_gateway_response(restApiId=api_id(project), responseType='DEFAULT_5XX')
    project.client('logs').delete_retention_policy(logGroupName=LOG_GROUP)

    lines = apply(project, capsys)

    assert '  set: gateway responses DEFAULT_5XX' in lines
    assert '  set: no trace of what is sent' in lines
    assert found(project) == before | {'deployments': before['deployments'] + 1}
    assert days_kept(project) == 90


def test_closes_the_api_to_all_but_the_ranges_and_opens_it(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(project, capsys)
    keep(project.folder, ['8.8.8.0/24', '20.0.0.0/28'])

    assert f'  set: {ONLY}' in apply(project, capsys)

    policy = json.loads(found(project)['policy'])
    assert policy == resource_policy(['8.8.8.0/24', '20.0.0.0/28'])
    assert f'  as it should be: {ONLY}' in apply(project, capsys)

    keep(project.folder, ['8.8.8.0/24'])
    lines = apply(project, capsys)

    assert f'  set: {ONLY}' in lines
    assert '  deployed' in lines

    keep_none(project.folder)

    assert '  set: open to all' in apply(project, capsys)
    assert not found(project)['policy']


def test_sets_again_what_chalice_overwrote(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(project.folder, ['8.8.8.0/24'])
    apply(project, capsys)
    before = found(project)
    integration = {'type': 'mock', 'requestTemplates': {'application/json': '{}'}}
    definition = {
        'swagger': '2.0',
        'info': {'version': '1.0', 'title': 'aws-middleware'},
        'paths': {'/': {'get': {'x-amazon-apigateway-integration': integration}}},
    }
    project.client('apigateway').put_rest_api(
        restApiId=api_id(project), mode='overwrite', body=json.dumps(definition)
    )
    assert found(project)['responses'] == {}

    lines = apply(project, capsys)

    assert '  set: gateway responses UNAUTHORIZED, DEFAULT_4XX, DEFAULT_5XX' in lines
    assert found(project) == before | {'deployments': before['deployments'] + 1}


def test_what_was_set_and_not_deployed_is_deployed_the_next_time(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(project, capsys)
    keep(project.folder, ['8.8.8.0/24'])
    with (
        mock.patch.object(rest_api, '_tls', side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        rest_api.apply(project.stage())
    assert f'  set: {ONLY}' in capsys.readouterr().out
    before = found(project)

    lines = apply(project, capsys)

    assert f'  as it should be: {ONLY}' in lines
    assert lines[-1] == '  deployed'
    assert found(project) == before | {'deployments': before['deployments'] + 1}
    assert '  deployed' not in apply(project, capsys)


def as_api_gateway_tells(policy: dict[str, Any]) -> str:
    """Return a policy as GetRestApi gives it back: quotes escaped, one of a list without list."""
    return json.dumps(json.dumps(policy).replace('["8.8.8.0/24"]', '"8.8.8.0/24"'))[1:-1]


def test_recognises_the_policy_as_api_gateway_returns_it(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(project.folder, ['8.8.8.0/24'])
    text = as_api_gateway_tells(resource_policy(['8.8.8.0/24']))
    assert text.startswith('{\\"Version\\"')
    project.client('apigateway').update_rest_api(
        restApiId=api_id(project),
        patchOperations=[{'op': 'replace', 'path': '/policy', 'value': text}],
    )

    assert f'  as it should be: {ONLY}' in apply(project, capsys)


@pytest.mark.parametrize(
    'policy',
    [
        {'Version': '2012-10-17', 'Statement': []},
        {'Version': '2012-10-17', 'Statement': [{'Sid': 'Mine', 'Effect': 'Deny'}]},
        {'Statement': [{'Sid': 'CallFromTheseRanges', 'Effect': 'Allow'}]},
        [],
        'x',
    ],
)
@pytest.mark.parametrize('ranges', [['8.8.8.0/24'], None])
def test_leaves_a_policy_of_your_own_alone(
    project: Project, capsys: pytest.CaptureFixture[str], policy: object, ranges: list[str] | None
) -> None:
    text = json.dumps(policy)
    project.client('apigateway').update_rest_api(
        restApiId=api_id(project),
        patchOperations=[{'op': 'replace', 'path': '/policy', 'value': text}],
    )
    if ranges:
        keep(project.folder, ranges)

    assert '  left alone: a resource policy of your own' in apply(project, capsys)
    assert found(project)['policy'] == text


def test_account_whose_logs_nobody_may_write_is_reported(project: Project) -> None:
    patch = {'op': 'replace', 'path': '/cloudwatchRoleArn', 'value': ''}
    project.client('apigateway').update_account(patchOperations=[patch])

    with pytest.raises(ClientError, match='CloudWatch Logs role ARN must be set'):
        rest_api.apply(project.stage())


def test_up_sets_up_the_api(project: Project) -> None:
    result = project.ops('up')

    assert result.exit_code == 0, result.output
    assert f'API {api_id(project)}, stage dev:' in result.stdout
    assert f'access log {LOG_GROUP}' in result.stdout
    assert result.stdout.endswith(NEXT)  # the function has yet to get the settings
    assert NEXT not in project.ops('up').stdout
    project.configure(**project.variables(), DOCUMENTS_PREFIX='shared/')
    assert project.ops('up').stdout.endswith(NEXT)  # and here the policy
