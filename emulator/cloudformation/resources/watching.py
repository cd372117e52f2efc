"""Resources of AWS::SNS, AWS::CloudWatch and AWS::Logs."""

from typing import Any

from botocore.exceptions import ClientError

from emulator.cloudformation.resources.handler import Failed, Handler, Json, Made, refuse


class Topic(Handler):
    """AWS::SNS::Topic."""

    service = 'sns'

    def create(self) -> Made:
        """Create the topic, which must not be there."""
        name = self.properties.get('TopicName', self.name)
        arn = f'arn:aws:sns:{self.where.region}:{self.where.account}:{name}'
        try:
            self.call('get_topic_attributes', TopicArn=arn)
        except ClientError:
            self.call('create_topic', Name=name, Attributes=self._attributes())
            return Made(arn, {'TopicArn': arn, 'TopicName': name})
        raise Failed(f'Topic {name} already exists')

    def update(self) -> Made:
        """Set what differs."""
        for name, value in self._attributes().items():
            self.call(
                'set_topic_attributes',
                TopicArn=self.made.id,
                AttributeName=name,
                AttributeValue=value,
            )
        return self.made

    def delete(self) -> None:
        """Delete the topic."""
        self.call('delete_topic', TopicArn=self.made.id)

    def _attributes(self) -> dict[str, str]:
        refuse(self.without('TopicName', 'DisplayName', 'KmsMasterKeyId'))
        return {
            name: self.properties.get(name, '') for name in sorted(self.changed - {'TopicName'})
        }


class Subscription(Handler):
    """AWS::SNS::Subscription, which waits for nobody to confirm it."""

    service = 'sns'

    def create(self) -> Made:
        """Subscribe."""
        answer = self.call('subscribe', ReturnSubscriptionArn=True, **self.properties)
        return Made(answer['SubscriptionArn'], {'Arn': answer['SubscriptionArn']})

    def update(self) -> Made:
        """Refuse: what can be changed without another subscription is not emulated."""
        raise Failed(f'Update of {", ".join(sorted(self.changed))} is not emulated.')

    def delete(self) -> None:
        """Unsubscribe."""
        self.call('unsubscribe', SubscriptionArn=self.made.id)


class Alarm(Handler):
    """AWS::CloudWatch::Alarm."""

    service = 'cloudwatch'

    def create(self) -> Made:
        """Put the alarm, which must not be there."""
        name = self.properties.get('AlarmName', self.name)
        if self._described(name):
            raise Failed(f'{name} already exists')
        self._put(name)
        return Made(name, {'Arn': self._described(name)[0]['AlarmArn']})

    def update(self) -> Made:
        """Put the alarm as it is to be."""
        self._put(self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the alarm."""
        self.call('delete_alarms', AlarmNames=[self.made.id])

    def _described(self, name: str) -> list[Json]:
        found: list[Json] = self.call('describe_alarms', AlarmNames=[name])['MetricAlarms']
        return found

    def _put(self, name: str) -> None:
        self.call('put_metric_alarm', AlarmName=name, **self.without('AlarmName'))


class Dashboard(Handler):
    """AWS::CloudWatch::Dashboard."""

    service = 'cloudwatch'

    def create(self) -> Made:
        """Put the dashboard, which must not be there."""
        name = self.properties.get('DashboardName', self.name)
        there = self.call('list_dashboards', DashboardNamePrefix=name)['DashboardEntries']
        if name in [entry['DashboardName'] for entry in there]:
            raise Failed(f'{name} already exists')
        self._put(name)
        return Made(name)

    def update(self) -> Made:
        """Put the dashboard as it is to be."""
        self._put(self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the dashboard."""
        self.call('delete_dashboards', DashboardNames=[self.made.id])

    def _put(self, name: str) -> None:
        refuse(self.without('DashboardName', 'DashboardBody'))
        body = self.properties['DashboardBody']
        self.call('put_dashboard', DashboardName=name, DashboardBody=body)


class LogGroup(Handler):
    """AWS::Logs::LogGroup."""

    service = 'logs'

    def create(self) -> Made:
        """Create the log group, which must not be there."""
        name = self.properties.get('LogGroupName', self.name)
        self.call('create_log_group', logGroupName=name)
        self._set_retention(name)
        arn = f'arn:aws:logs:{self.where.region}:{self.where.account}:log-group:{name}:*'
        return Made(name, {'Arn': arn})

    def update(self) -> Made:
        """Set how long events are kept."""
        self._set_retention(self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the log group."""
        self.call('delete_log_group', logGroupName=self.made.id)

    def _set_retention(self, name: str) -> None:
        refuse(self.without('LogGroupName', 'RetentionInDays'))
        days = self.properties.get('RetentionInDays')
        if days:
            self.call('put_retention_policy', logGroupName=name, retentionInDays=days)
        elif 'RetentionInDays' in self.before:
            self.call('delete_retention_policy', logGroupName=name)


class QueryDefinition(Handler):
    """AWS::Logs::QueryDefinition."""

    service = 'logs'

    def create(self) -> Made:
        """Save the query."""
        query_id = self._put()
        return Made(query_id, {'QueryDefinitionId': query_id})

    def update(self) -> Made:
        """Save the query as it is to be."""
        self._put(queryDefinitionId=self.made.id)
        return self.made

    def delete(self) -> None:
        """Delete the query."""
        self.call('delete_query_definition', queryDefinitionId=self.made.id)

    def _put(self, **which: Any) -> str:
        given = {name[0].lower() + name[1:]: value for name, value in self.properties.items()}
        return str(self.call('put_query_definition', **given, **which)['queryDefinitionId'])
