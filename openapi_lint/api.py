"""Rules about the API as a whole, its server and its domain."""

import ipaddress
import json
import re
from contextlib import suppress
from functools import cache
from urllib.parse import SplitResult, urlsplit

from publicsuffixlist import PublicSuffixList

from openapi_lint.document import Document, Node
from openapi_lint.rule import Problems, quote, rule

MAX_SIZE_BYTES = 1_000_000
# Where people sign in to any API: these need not share its domain.
OAUTH_PROVIDERS = frozenset(
    {'google.com', 'googleapis.com', 'microsoft.com', 'microsoftonline.com', 'live.com'}
    | {'adobe.com', 'adobelogin.com'}
)


@rule('openapi-version', 'error', 'Write it in OpenAPI 3.1 and start it with `openapi: 3.1.0`.')
def _is_openapi_3(document: Document) -> Problems:
    version = document.root['openapi']
    if 'swagger' in document.root:
        yield document.root, f'it is Swagger {quote(document.root["swagger"].value)}, not OpenAPI 3'
    elif not re.fullmatch(r'3\.\d+\.\d+', version.text):
        yield version, f'{quote(version.value)} is not the text of a version 3.x.y'


@rule('document-size', 'error', 'Take out operations, or long texts and examples.')
def _fits_the_size(document: Document) -> Problems:
    pretty = json.dumps(document.root.value, indent=2, ensure_ascii=False)
    size_bytes = len(pretty.encode(errors='replace'))
    if size_bytes > MAX_SIZE_BYTES:
        too_many = f'it has {size_bytes:,} bytes as JSON indented by 2, more than'
        yield document.root, f'{too_many} {MAX_SIZE_BYTES:,}'


@rule('info-description', 'warning', 'Say there what the API is for: the model decides by it.')
def _describes_itself(document: Document) -> Problems:
    if not document.root['info']['description'].text.strip():
        yield document.root['info'], 'it has no description'


@rule('server-count', 'error', 'Name the one server that ChatGPT is to call.')
def _has_one_server(document: Document) -> Problems:
    count = len(list(document.root['servers']))
    if count != 1:
        yield document.root['servers'], f'it names {count} servers'


@rule('server-url', 'error', 'Give a URL like https://api.example.com/dev.')
def _has_plain_https_url(document: Document) -> Problems:
    for url in _server_urls(document):
        parts = _split(url.text)
        if not parts or parts.scheme != 'https' or not parts.hostname:
            yield url, f'{quote(url.value)} is not an absolute https URL'
        if url.text.endswith('/'):
            yield url, f'{quote(url.value)} ends in a slash'
        if '{' in url.text:
            yield url, f'{quote(url.value)} has variables'
        if parts and parts.port not in (None, 443):
            yield url, f'{quote(url.value)} has a port, and ChatGPT calls only 443'
        if parts and (parts.query or parts.fragment or parts.username):
            yield url, f'{quote(url.value)} holds more than a host and a path'


@rule('server-domain', 'error', 'Serve the API under a name of the public domain name system.')
def _has_public_domain(document: Document) -> Problems:
    for url in _server_urls(document):
        if _host(url.text) and not _root_domain(url.text):
            yield url, f'{quote(url.value)} is not under a public domain'


@rule('server-localhost', 'error', 'Deploy the API, or put it behind a public https URL.')
def _is_not_on_localhost(document: Document) -> Problems:
    for server in document.root['servers']:
        url = server['url']
        if is_loopback(url.text):
            yield url, f'ChatGPT cannot reach {quote(url.value)}, which is this machine'


@rule('oauth-domain', 'error', "Sign in at the API's own /oauth2, or give both custom domains.")
def _shares_root_domain(document: Document) -> Problems:
    for server in _server_urls(document):
        for name, url in document.oauth_urls.items():
            if not may_sign_in_at(server.text, url):
                roots = _root_domain(server.text), _root_domain(url) or 'none'
                yield server, f'its root domain is {roots[0]}, that of the {name} {roots[1]}'


def may_sign_in_at(api_url: str, oauth_url: str) -> bool:
    """Return whether ChatGPT takes an OAuth URL for an API; True where nobody can know."""
    api, oauth = _root_domain(api_url), _root_domain(oauth_url)
    return not api or is_loopback(api_url) or oauth == api or oauth in OAUTH_PROVIDERS


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to the machine itself."""
    host = _host(url)
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == 'localhost' or host.endswith('.localhost')


def _server_urls(document: Document) -> list[Node]:
    urls = [server['url'] for server in document.root['servers']]
    return [url for url in urls if not is_loopback(url.text)]


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _host(url: str) -> str:
    parts = _split(url)
    return (parts.hostname if parts else None) or ''


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def _root_domain(url: str) -> str | None:
    """Return what is registered, as example.co.uk: amazonaws.com for all that AWS hosts there."""
    host = _host(url)
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return None
    found: str | None = _public_suffixes().privatesuffix(host)
    return found
