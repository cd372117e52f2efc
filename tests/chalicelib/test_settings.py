"""Settings are read when asked for, and a missing one is named."""

import pytest

from chalicelib import settings


@pytest.mark.parametrize(
    ('value', 'ids'),
    [('', set()), ('one', {'one'}), ('one,two', {'one', 'two'}), (' one ,\n two ', {'one', 'two'})],
)
def test_client_ids_are_a_list(monkeypatch: pytest.MonkeyPatch, value: str, ids: set[str]) -> None:
    monkeypatch.setenv('COGNITO_CLIENT_IDS', value)

    assert settings.cognito_client_ids() == ids


def test_client_ids_that_name_nobody_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('COGNITO_CLIENT_IDS', ' , ')

    with pytest.raises(settings.MissingSetting, match='COGNITO_CLIENT_IDS'):
        settings.cognito_client_ids()


@pytest.mark.parametrize(
    ('value', 'server'), [('', 'pool'), (' ', 'pool'), ('pool', 'pool'), (' api\n', 'api')]
)
def test_authorization_server_is_the_pool_or_the_api(
    monkeypatch: pytest.MonkeyPatch, value: str, server: str
) -> None:
    monkeypatch.setenv('MCP_AUTHORIZATION_SERVER', value)

    assert settings.mcp_authorization_server() == server


@pytest.mark.parametrize('value', [None, '', '  '])
def test_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv('COGNITO_USER_POOL_ARN')
    if value is not None:
        monkeypatch.setenv('COGNITO_USER_POOL_ARN', value)

    with pytest.raises(settings.MissingSetting, match=r'^COGNITO_USER_POOL_ARN is not set: '):
        settings.cognito_user_pool_arn()
