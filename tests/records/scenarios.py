"""Records in every front."""

from tests.support.every_operation import ask
from tests.support.scenario import Scenario


def _in_pages() -> None:
    """Find records in pages, and none."""
    page = ask('GET', '/records?key=CUSTOMER%231&limit=1')
    ask('GET', f'/records?key=CUSTOMER%231&limit=1&cursor={page["cursor"]}')
    ask('GET', '/records?key=nobody', status=404)


SCENARIOS = {
    'findRecords': Scenario(
        {'key': 'CUSTOMER#2', 'prefix': 'PROFILE'},
        {
            'records': [
                {
                    'key': 'CUSTOMER#2',
                    'sort_key': 'PROFILE',
                    'attributes_json': '{"name":"Grace Hopper","points":250}',
                    'attributes_left_out': False,
                }
            ],
            'cursor': None,
        },
        more=_in_pages,
    )
}
