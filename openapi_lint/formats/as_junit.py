"""Findings as JUnit's XML, which most CI servers show as tests."""

from xml.etree import ElementTree as ET

from openapi_lint.findings.finding import printable
from openapi_lint.findings.report import Report


def write(report: Report) -> str:
    """Return a suite a document, with a failed test a finding, or one that passed.

    A warning is a test that passed, unless warnings fail the run.
    """
    root = ET.Element('testsuites')
    for name in report.texts:
        found = [finding for finding in report.findings if finding.file == name]
        failures = sum(report.fails(finding) for finding in found)
        suite = ET.SubElement(
            root,
            'testsuite',
            name=printable(name),
            tests=str(len(found) or 1),
            failures=str(failures),
        )
        if not found:
            ET.SubElement(suite, 'testcase', classname=printable(name), name='no findings')
        for finding in found:
            case = ET.SubElement(
                suite,
                'testcase',
                classname=printable(name),
                name=f'{finding.rule} {finding.line or 1}:{finding.column or 1}',
                file=printable(name),
                line=str(finding.line or 1),
            )
            text = f'{printable(finding.where)}: {finding.severity}: {finding.text}'
            if report.fails(finding):
                failure = ET.SubElement(case, 'failure', type=finding.severity)
                failure.set('message', printable(finding.problem))
                failure.text = text
            else:
                ET.SubElement(case, 'system-out').text = text
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, "unicode")}\n'
