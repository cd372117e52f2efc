"""Rules about the bodies of requests and responses."""

from collections.abc import Iterator

from openapi_lint.findings.evidence import (
    ACAPY,
    PRODUCTION,
    RFC_9110,
    documented,
    inferred,
    published,
)
from openapi_lint.findings.rule import PROFILES, Problems, quote, rule
from openapi_lint.text.document import Document, Node


@rule(
    'body-of-get',
    'error',
    breaks='a body with GET',
    remedy='Put it into the query, or make it a POST.',
    evidence=inferred('HTTP gives the body of a GET no meaning', RFC_9110),
)
def _has_no_body_with_get(document: Document) -> Problems:
    for operation in document.operations:
        if operation.name == 'get' and 'requestBody' in operation:
            yield operation['requestBody'], 'a GET has no body'


@rule(
    'body-object',
    'error',
    breaks='no content, or a schema that is not an object',
    remedy='Make it an object whose properties are the parameters.',
    evidence=published('request body schema is not an object schema; skipping', ACAPY),
    profiles=PROFILES,
)
def _takes_an_object(document: Document) -> Problems:
    for operation in document.operations:
        body, media_types = operation['requestBody'], document.request_body(operation)
        is_there = document.resolve(body).value is not None or not body.reference
        if 'requestBody' in operation and is_there and not media_types:
            yield body, 'it has no content, which disables the operation'
        for media_type in media_types:
            schema = document.resolve(media_type['schema'])
            if isinstance(schema.value, dict) and schema.types != ['object']:
                yield media_type['schema'], 'it is not an object, which disables the operation'


@rule(
    'media-type',
    'error',
    breaks='images, video or audio',
    remedy='Send text; hand other things over as files.',
    evidence=documented('text only, no images or video', PRODUCTION),
)
def _is_text(document: Document) -> Problems:
    for media_type in _media_types(document):
        if media_type.name.lower().startswith(('image/', 'video/', 'audio/')):
            yield media_type, f'ChatGPT takes text, not {quote(media_type.name)}'


@rule(
    'media-type-schema',
    'error',
    breaks='no schema',
    remedy='Give it a schema, or leave the content out.',
    evidence=published("'NoneType' object has no attribute 'items'"),
)
def _has_schemas(document: Document) -> Problems:
    for media_type in _media_types(document):
        if not isinstance(media_type['schema'].value, dict):
            yield media_type, 'it has no schema, at which the editor fails'


def _media_types(document: Document) -> Iterator[Node]:
    for operation in document.operations:
        yield from (*document.request_body(operation), *document.responses(operation))
