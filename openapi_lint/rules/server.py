"""Rules about the server that is called, and its domain."""

import ipaddress
import re
from contextlib import suppress
from functools import cache
from urllib.parse import SplitResult, urlsplit

from publicsuffixlist import PublicSuffixList

from openapi_lint.findings.evidence import (
    LIBRECHAT,
    PRODUCTION,
    RFC_3986,
    START,
    documented,
    published,
)
from openapi_lint.findings.rule import Problems, quote, rule
from openapi_lint.text.document import Document, Node

# Where people sign in to any API: these need not share its domain.
OAUTH_PROVIDERS = frozenset(
    {'google.com', 'googleapis.com', 'microsoft.com', 'microsoftonline.com', 'live.com'}
    | {'adobe.com', 'adobelogin.com'}
)


@rule(
    'server-count',
    'error',
    breaks='no server',
    remedy='Name the one server that ChatGPT is to call.',
    evidence=published('Could not find a valid URL in `servers`', LIBRECHAT),
)
def _has_a_server(document: Document) -> Problems:
    servers = document.root['servers']
    if not list(servers) or not isinstance(servers.value, list):
        yield servers, 'it names no server'


@rule(
    'server-several',
    'warning',
    breaks='several servers: the first is called, and only that one is looked at here',
    remedy='Keep the one that ChatGPT is to call.',
    evidence=published('Multiple servers found, using https://api.example.com'),
)
def _has_one_server(document: Document) -> Problems:
    servers = document.root['servers']
    count = len(list(servers))
    if count > 1 and isinstance(servers.value, list):
        yield servers, f'it names {count} servers, of which ChatGPT calls the first'


@rule(
    'server-url',
    'error',
    breaks=(
        'not absolute, not https, a port other than 443, variables, a query, blanks, a slash at '
        'the end'
    ),
    remedy='Give a URL like https://api.example.com/dev.',
    evidence=published(
        'None of the provided servers is under the root origin', PRODUCTION, LIBRECHAT, RFC_3986
    ),
)
def _has_plain_https_url(document: Document) -> Problems:
    for url in _server_urls(document):
        parts = _split(url.text)
        if re.search(r'[\s\x00-\x20\x7f]', url.text):
            # RFC 3986, section 2: no blank, and whoever drops one calls something else.
            yield url, f'{quote(url.value)} holds a blank or a line break'
            continue
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


@rule(
    'server-case',
    'error',
    breaks="capitals in the server's scheme or host",
    remedy='Write them in small letters.',
    evidence=published(
        'Server URL https://API.example.com is not under the root origin '
        'https://api.example.com; ignoring it'
    ),
    fixable=True,
)
def _has_small_letters_in_host(document: Document) -> Problems:
    for url in _server_urls(document):
        origin = re.match(r'[^/]*//[^/]*', url.text)
        if origin and origin[0] != origin[0].lower():
            yield url, f'{quote(origin[0])} has capitals, so it is ignored'


@rule(
    'server-domain',
    'error',
    breaks='an IP address, or a name outside the public domain name system',
    remedy='Serve the API under a name of the public domain name system.',
    evidence=documented('TLS with a publicly trusted certificate', PRODUCTION),
)
def _has_public_domain(document: Document) -> Problems:
    for url in _server_urls(document):
        if _host(url.text) and not _root_domain(url.text):
            yield url, f'{quote(url.value)} is not under a public domain'


@rule(
    'server-localhost',
    'error',
    breaks='localhost or a loopback address; only a warning in an export',
    remedy='Deploy the API, or put it behind a public https URL.',
    evidence=published(
        'Server URL http://localhost:8000 is not under the root origin https://localhost', START
    ),
)
def _is_not_on_localhost(document: Document) -> Problems:
    for url in _first_server(document):
        if is_loopback(url.text):
            yield url, f'ChatGPT cannot reach {quote(url.value)}, which is this machine'


@rule(
    'oauth-domain',
    'error',
    breaks=(
        'OAuth URLs under another registered domain than the API: `amazoncognito.com` and '
        '`amazonaws.com` differ; Google, Microsoft and Adobe may'
    ),
    remedy="Sign in at the API's own /oauth2, or give both custom domains.",
    evidence=published(
        'Authorization URL, Token URL, and API hostname must share a root domain', PRODUCTION
    ),
)
def _shares_root_domain(document: Document) -> Problems:
    for server in _server_urls(document):
        others: dict[str, list[str]] = {}
        for name, url in document.oauth_urls.items():
            if not may_sign_in_at(server.text, url):
                others.setdefault(_root_domain(url) or 'none', []).append(name)
        for root, names in others.items():
            own = _root_domain(server.text)
            yield server, f'its root domain is {own}, that of the {" and ".join(names)} {root}'


def may_sign_in_at(api_url: str, oauth_url: str) -> bool:
    """Return whether ChatGPT takes an OAuth URL for an API: it may, where there is no telling."""
    api, oauth = _root_domain(api_url), _root_domain(oauth_url)
    return not api or is_loopback(api_url) or oauth == api or oauth in OAUTH_PROVIDERS


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to the machine itself."""
    host = _host(url)
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == 'localhost' or host.endswith('.localhost')


def _first_server(document: Document) -> list[Node]:
    servers = document.root['servers']
    return [servers['0']['url']] if isinstance(servers.value, list) and servers.value else []


def _server_urls(document: Document) -> list[Node]:
    return [url for url in _first_server(document) if not is_loopback(url.text)]


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
