"""The official conformance suite finds what docs/mcp_conformance.md says that it finds."""

from tests.support.mcp import conformance, dev_server


def test_suite_finds_what_the_page_says() -> None:
    with dev_server.running() as dev:
        found = conformance.table(conformance.run(dev.mcp_url, dev.access_token()))

    assert '**failed' not in found
    assert found == conformance.written()
