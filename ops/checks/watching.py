"""Checks of what watches the stage: the alarms of resources/watching.json, and whom they reach."""

from typing import Any

from ops.inspection.check import UP, Findings, error, subject, warning
from ops.inspection.facts import Facts, fact
from ops.inspection.live import live_stack
from ops.stage import json_file
from ops.stage.stage import PROJECT

check = subject('Watching')


@fact
def alarms(facts: Facts) -> dict[str, dict[str, Any] | None]:
    """Return the alarms that the stage is to have, by name; None for one that it has not."""
    live_stack(facts)  # without it there are none
    resources = json_file.read(PROJECT / 'resources' / 'watching.json')['Resources']
    names = [
        each['Properties']['AlarmName']['Fn::Sub'].replace(
            '${AppName}-${Stage}', facts.stage.stack_name
        )
        for each in resources.values()
        if each['Type'] == 'AWS::CloudWatch::Alarm'
    ]
    described = facts.client('cloudwatch').describe_alarms(AlarmNames=names)
    there = {alarm['AlarmName']: alarm for alarm in described['MetricAlarms']}
    return {name: there.get(name) for name in names}


@check('alarms', 'Do the alarms exist, and are they on?', UP)
def _are_armed(facts: Facts) -> Findings:
    for name, alarm in alarms(facts).items():
        if not alarm:
            yield error(f'{name} is gone')
        elif not alarm.get('ActionsEnabled') or not alarm.get('AlarmActions'):
            yield error(f'{name} notifies nobody: its actions are off')
        elif alarm.get('StateValue') == 'ALARM':
            yield warning(f'{name} has gone off: {alarm.get("StateReason", "")}', 'Look at it.')
    return f'{len(alarms(facts))}'


@check(
    'alarm-topic',
    'Does somebody get the alarms?',
    f'{UP} -p AlarmEmail=ADDRESS, and confirm the e-mail that comes.',
)
def _reach_somebody(facts: Facts) -> Findings:
    topics = {
        action for alarm in alarms(facts).values() if alarm for action in alarm['AlarmActions']
    }
    sns = facts.client('sns')
    confirmed = 0
    for topic in sorted(topics):
        subscribed = sns.list_subscriptions_by_topic(TopicArn=topic)['Subscriptions']
        here = [s for s in subscribed if s['SubscriptionArn'].startswith('arn:')]
        confirmed += len(here)
        if not here:
            waiting = f', {len(subscribed)} not confirmed yet' if subscribed else ''
            yield warning(f'nobody is subscribed to {topic}{waiting}')
    return f'{confirmed} subscribed'
