"""Checks of the user pool: that nobody comes in, or gets lost, by accident."""

from ops.inspection.check import Findings, error, subject, warning
from ops.inspection.facts import Facts
from ops.inspection.live import deployed_only, user_pool

check = subject('User pool')


@check(
    'pool-deletion',
    'Is the pool protected from being deleted?',
    'Switch deletion protection on in the Cognito console, under Settings.',
)
def _is_protected(facts: Facts) -> Findings:
    deployed_only(facts)
    pool = user_pool(facts)
    if pool.get('DeletionProtection') != 'ACTIVE':
        yield warning(f'one call would delete {pool["Name"]} and everybody in it')
    return f'{pool["Name"]} ({pool["Id"]})'


@check(
    'pool-sign-up',
    'Are people added by administrators only?',
    'Switch self-registration off in the Cognito console, under Sign-up.',
)
def _is_by_invitation(facts: Facts) -> Findings:
    pool = user_pool(facts)
    if not pool.get('AdminCreateUserConfig', {}).get('AllowAdminCreateUserOnly'):
        yield error('anybody can sign up, and whoever has an account may call')
    return f'yes, and MFA is {pool.get("MfaConfiguration", "OFF")}'
