"""The official conformance suite finds what docs/mcp_conformance.md says that it finds."""

from tests import mcp_conformance, mcp_dev


def test_suite_finds_what_the_page_says() -> None:
    with mcp_dev.running() as dev:
        found = mcp_conformance.table(mcp_conformance.run(dev.mcp_url, dev.access_token()))

    assert '**failed' not in found
    assert found == mcp_conformance.written()
