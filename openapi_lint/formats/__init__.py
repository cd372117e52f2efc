"""The formats in which a report is written: for people, programs, editors and CI."""

from collections.abc import Callable

from openapi_lint.findings.report import Report
from openapi_lint.formats import as_github, as_json, as_junit, as_sarif

Format = Callable[[Report], str]

# Text is for people and knows of their terminal: openapi_lint.formats.as_text.
FORMATS: dict[str, Format] = {
    'json': as_json.write,
    'github': as_github.write,
    'sarif': as_sarif.write,
    'junit': as_junit.write,
}
