"""The settings of documents: a pattern that could mean more is named by its setting."""

import pytest

from chalicelib.documents.access import configured
from chalicelib.documents.settings import documents_prefixes
from chalicelib.settings import MissingSetting


@pytest.mark.parametrize('pattern', ['shared', 'a/../b/', 'people/{name}/'])
def test_pattern_that_could_mean_more_is_refused(
    monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setenv('DOCUMENTS_PREFIXES', pattern)

    for read in (documents_prefixes, configured):
        with pytest.raises(MissingSetting, match='DOCUMENTS_PREFIXES'):
            read()
