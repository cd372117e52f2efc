"""The settings of documents, read when they are asked for."""

from chalicelib.settings import optional, required


def documents_bucket_name() -> str:
    """Return the S3 bucket that holds the documents."""
    return required('DOCUMENTS_BUCKET_NAME', 'the S3 bucket that holds the documents')


def documents_prefix() -> str:
    """Return what the keys of all documents begin with: nothing, or a folder's path and a slash."""
    path = optional('DOCUMENTS_PREFIX').strip('/')
    return f'{path}/' if path else ''


def openai_file_hosts() -> frozenset[str]:
    """Return the hosts that files of a conversation are fetched from, subdomains included."""
    hosts = optional('OPENAI_FILE_HOSTS') or 'oaiusercontent.com'
    return frozenset(hosts.lower().replace(',', ' ').split())
