"""The settings of records: a pattern that could mean more is named by its setting."""

import pytest

from chalicelib.records.access import configured
from chalicelib.records.settings import records_keys
from chalicelib.settings import MissingSetting


@pytest.mark.parametrize('pattern', ['A,', 'A*B', 'USER{sub}'])
def test_pattern_that_could_mean_more_is_refused(
    monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setenv('RECORDS_KEYS', pattern)

    for read in (records_keys, configured):
        with pytest.raises(MissingSetting, match='RECORDS_KEYS'):
            read()
