"""The settings of documents, read when they are asked for."""

from chalicelib.person import patterns
from chalicelib.settings import MissingSetting, optional, required


def documents_bucket_name() -> str:
    """Return the S3 bucket that holds the documents.

    It can't be the one of the SQL results: what everybody has asked for would be documents.
    """
    name = 'DOCUMENTS_BUCKET_NAME'
    bucket = required(name, 'the S3 bucket that holds the documents')
    if bucket == optional('RESULTS_BUCKET_NAME'):
        raise MissingSetting(name, 'it has the bucket of RESULTS_BUCKET_NAME; each needs its own')
    return bucket


def documents_prefixes() -> tuple[str, ...]:
    """Return the patterns of the folders that a person may see; empty means all."""
    name = 'DOCUMENTS_PREFIXES'
    try:
        return patterns.of_documents(optional(name))
    except patterns.InvalidPattern as error:
        raise MissingSetting(name, f'it has a value in which {error}') from error


def documents_prefix() -> str:
    """Return what the keys of all documents begin with: nothing, or a folder's path and a slash."""
    path = optional('DOCUMENTS_PREFIX').strip('/')
    return f'{path}/' if path else ''


def openai_file_hosts() -> frozenset[str]:
    """Return the hosts that files of a conversation are fetched from, subdomains included."""
    hosts = optional('OPENAI_FILE_HOSTS') or 'oaiusercontent.com'
    return frozenset(hosts.lower().replace(',', ' ').split())
