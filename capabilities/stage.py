"""What every stage has: sign-in, a log, and what watches it."""

from capabilities.capability import About, Capability, Kept, Statement

_LOG = 'arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/{function}:*'
_OF_THE_ACCOUNT = Kept('it is for all APIs of the account and Region')

STAGE = Capability(
    'stage',
    settings=[
        *('COGNITO_USER_POOL_ARN', 'COGNITO_CLIENT_IDS', 'COGNITO_DOMAIN_URL'),
        'PERSON_ROLE_ARN',
    ],
    in_use={'ExistingUserPoolArn': 'COGNITO_USER_POOL_ARN'},
    statements=[
        Statement(
            'WriteItsOwnLog',
            ['logs:CreateLogStream', 'logs:PutLogEvents'],
            [About('function', [_LOG])],
            stays=True,
        ),
        Statement(
            'SendTraces',
            ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
            [About('function', ['*'])],
            stays=True,
        ),
        Statement(
            'ActAsThePerson',
            ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
            [About('PERSON_ROLE_ARN', ['{PERSON_ROLE_ARN}'])],
            stays=True,
        ),
    ],
    kept={
        'UserPool': Kept(
            'the people who may sign in',
            'ExistingUserPoolArn',
            'CognitoUserPoolArn',
            'aws cognito-idp update-user-pool --user-pool-id {id} --deletion-protection INACTIVE '
            '&& aws cognito-idp delete-user-pool --user-pool-id {id}',
        ),
        'ApiGatewayLogRole': _OF_THE_ACCOUNT,
        'ApiGatewayAccount': _OF_THE_ACCOUNT,
    },
    lost={
        'AWS::Cognito::UserPool': 'the people who may sign in',
        'AWS::Cognito::UserPoolClient': "ChatGPT's client id and secret",
        'AWS::Cognito::UserPoolDomain': 'the address of the sign-in pages',
        'AWS::Cognito::UserPoolIdentityProvider': 'the people who sign in through it',
        'AWS::ApiGateway::RestApi': "the API's address",
    },
)
