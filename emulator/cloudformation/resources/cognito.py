"""Resources of AWS::Cognito: a stack's pool is one that people really sign in to."""

from emulator.cloudformation.resources.handler import Failed, Handler, Json, Made

_FIXED_AT_CREATION = ('UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration')


class Cognito(Handler):
    """What the types below have in common."""

    service = 'cognito-idp'

    @property
    def pool_id(self) -> str:
        """The id of the pool that the resource belongs to."""
        return str(self.properties['UserPoolId'])


class UserPool(Cognito):
    """AWS::Cognito::UserPool."""

    def create(self) -> Made:
        """Create the pool, and enable the second factors."""
        name = self.properties.get('UserPoolName', self.name)
        given = self.without('UserPoolName', 'EnabledMfas')
        pool = self.call('create_user_pool', PoolName=name, **given)['UserPool']
        self._enable_mfa(pool['Id'])
        provider = f'cognito-idp.{self.where.region}.amazonaws.com/{pool["Id"]}'
        attributes = {
            'Arn': pool['Arn'],
            'ProviderName': provider,
            'ProviderURL': f'https://{provider}',
            'UserPoolId': pool['Id'],
        }
        return Made(pool['Id'], attributes)

    def update(self) -> Made:
        """Update the pool; how people sign in can't be changed."""
        if fixed := sorted(self.changed.intersection(_FIXED_AT_CREATION)):
            raise Failed(f'Updates are not allowed for property - {fixed[0]}.')
        if 'Schema' in self.changed:
            self._add_attributes(self.properties.get('Schema', []), self.before.get('Schema', []))
        given = self.without('UserPoolName', 'EnabledMfas', 'Schema', *_FIXED_AT_CREATION)
        name = self.properties.get('UserPoolName')
        self.call('update_user_pool', UserPoolId=self.made.id, PoolName=name, **given)
        self._enable_mfa(self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the pool."""
        self.call('delete_user_pool', UserPoolId=self.made.id)

    def _add_attributes(self, after: list[Json], before: list[Json]) -> None:
        if not all(attribute in after for attribute in before):
            raise Failed('Existing schema attributes cannot be modified or deleted.')
        added = [attribute for attribute in after if attribute not in before]
        self.call('add_custom_attributes', UserPoolId=self.made.id, CustomAttributes=added)

    def _enable_mfa(self, pool_id: str) -> None:
        factors = self.properties.get('EnabledMfas', [])
        if factors not in ([], ['SOFTWARE_TOKEN_MFA']):
            raise Failed(f'Encountered unsupported value in EnabledMfas: {", ".join(factors)}')
        configuration = self.properties.get('MfaConfiguration', 'OFF')
        if configuration != 'OFF':
            self.call(
                'set_user_pool_mfa_config',
                UserPoolId=pool_id,
                MfaConfiguration=configuration,
                SoftwareTokenMfaConfiguration={'Enabled': bool(factors)},
            )


class UserPoolClient(Cognito):
    """AWS::Cognito::UserPoolClient."""

    def create(self) -> Made:
        """Create the app client."""
        self._check_providers()
        given = {'ClientName': self.name, **self.properties}
        client = self.call('create_user_pool_client', **given)['UserPoolClient']
        attributes = {'ClientId': client['ClientId'], 'Name': client['ClientName']}
        if 'ClientSecret' in client:
            attributes['ClientSecret'] = client['ClientSecret']
        return Made(client['ClientId'], attributes)

    def update(self) -> Made:
        """Update the app client, which resets what the properties leave out."""
        self._check_providers()
        given = self.without('GenerateSecret')
        answer = self.call('update_user_pool_client', ClientId=self.made.id, **given)
        name = answer['UserPoolClient']['ClientName']
        return Made(self.made.id, self.made.attributes | {'Name': name})

    def delete(self) -> None:
        """Delete the app client."""
        self.call('delete_user_pool_client', UserPoolId=self.pool_id, ClientId=self.made.id)

    def _check_providers(self) -> None:
        there = self.call('list_identity_providers', UserPoolId=self.pool_id)['Providers']
        known = {'COGNITO', *(provider['ProviderName'] for provider in there)}
        for name in self.properties.get('SupportedIdentityProviders', []):
            if name not in known:
                raise Failed(f'The provider {name} does not exist for User Pool {self.pool_id}.')


class UserPoolDomain(Cognito):
    """AWS::Cognito::UserPoolDomain."""

    def create(self) -> Made:
        """Create the domain."""
        self.call('create_user_pool_domain', **self.properties)
        return self._made()

    def update(self) -> Made:
        """Update the domain."""
        self.call('update_user_pool_domain', **self.properties)
        return self._made()

    def delete(self) -> None:
        """Delete the domain."""
        self.call('delete_user_pool_domain', UserPoolId=self.pool_id, Domain=self.made.id)

    def _made(self) -> Made:
        domain = self.properties['Domain']
        described = self.call('describe_user_pool_domain', Domain=domain)['DomainDescription']
        return Made(domain, {'CloudFrontDistribution': described['CloudFrontDistribution']})


class ManagedLoginBranding(Cognito):
    """AWS::Cognito::ManagedLoginBranding."""

    def create(self) -> Made:
        """Create the branding of an app client."""
        branding = self.call('create_managed_login_branding', **self.properties)
        branding_id = branding['ManagedLoginBranding']['ManagedLoginBrandingId']
        return Made(branding_id, {'ManagedLoginBrandingId': branding_id})

    def update(self) -> Made:
        """Update the branding."""
        given = self.without('ClientId')
        self.call('update_managed_login_branding', ManagedLoginBrandingId=self.made.id, **given)
        return self.made

    def delete(self) -> None:
        """Delete the branding."""
        given = {'ManagedLoginBrandingId': self.made.id, 'UserPoolId': self.pool_id}
        self.call('delete_managed_login_branding', **given)


class UserPoolIdentityProvider(Cognito):
    """AWS::Cognito::UserPoolIdentityProvider."""

    def create(self) -> Made:
        """Create the identity provider."""
        self.call('create_identity_provider', **self.properties)
        return Made(self.properties['ProviderName'])

    def update(self) -> Made:
        """Update the identity provider."""
        self.call('update_identity_provider', **self.without('ProviderType'))
        return self.made

    def delete(self) -> None:
        """Delete the identity provider."""
        name = self.made.id
        self.call('delete_identity_provider', UserPoolId=self.pool_id, ProviderName=name)
