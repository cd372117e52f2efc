"""The errors of documents that a caller may see; each message says what to do next."""

from chalice.app import ChaliceViewError


class DocumentNotFound(ChaliceViewError):
    """There is no such document, or it is somebody else's."""

    STATUS_CODE = 404

    def __init__(self, *keys: str) -> None:
        named = ', '.join(key[:200] for key in keys)
        super().__init__(f'Not found: {named}. Take keys exactly as listDocuments gives them.')


class DocumentChanged(ChaliceViewError):
    """A document was replaced while it was being read."""

    STATUS_CODE = 409

    def __init__(self) -> None:
        super().__init__('The document was replaced just now. Read it again from page 1.')


class NotText(ChaliceViewError):
    """A document has no text that could be read in pages."""

    STATUS_CODE = 422

    def __init__(self, mime_type: str) -> None:
        super().__init__(
            f'This document ({mime_type}) is not text. Get it as a file with getDocumentFiles.'
        )


class NotReadableInTime(ChaliceViewError):
    """A document's text can't be made out within the time of a call."""

    STATUS_CODE = 422

    def __init__(self) -> None:
        super().__init__(
            'This document takes longer to turn into text than a call may last. '
            'Get it as a file with getDocumentFiles.'
        )


class PageNotFound(ChaliceViewError):
    """A document has fewer pages."""

    STATUS_CODE = 404


class NotDownloaded(ChaliceViewError):
    """A file of the conversation was not fetched; the message says why."""

    STATUS_CODE = 422
