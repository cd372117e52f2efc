"""What the checks ask about: each fact of a stage is fetched when it is first asked for, once."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from ops.cloudformation import stack
from ops.stage.stage import Stage

T = TypeVar('T')


class NotApplicable(Exception):
    """There is nothing here to ask the question of; the message says why."""


# What is raised when a fact can't be read: AWS's refusals, and our own errors.
FAILURES = (BotoCoreError, ClientError, click.ClickException, NotApplicable)


@dataclass(frozen=True)
class Facts:
    """What is known so far of what is live of a stage."""

    stage: Stage
    wanted_client: str | None = None
    known: dict[Callable[..., Any], Future[Any]] = field(default_factory=dict)
    # What kept a check from answering, and the first one that it kept.
    unanswered: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a boto3 client that gives up soon."""
        make: Callable[..., Any] = self._session.client  # its types know each service by name only
        return make(service, endpoint_url=self.stage.endpoint_url, config=stack.QUICKLY)

    @cached_property
    def _session(self) -> boto3.Session:
        return self.stage.session()


def fact(fetch: Callable[[Facts], T]) -> Callable[[Facts], T]:
    """Keep what a function finds out, or why it can't: it is called once for a stage."""

    @wraps(fetch)
    def kept(facts: Facts) -> T:
        if fetch not in facts.known:
            known: Future[T] = Future()
            try:
                known.set_result(fetch(facts))
            except FAILURES as error:
                known.set_exception(error)
            facts.known[fetch] = known
        found: T = facts.known[fetch].result()
        return found

    return kept
