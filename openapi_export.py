"""Prints the OpenAPI 3.1 document that ChatGPT takes for an Action, made from the operations."""

import json
import tomllib
from dataclasses import replace
from typing import Any, TextIO

import click
import yaml

import openapi_document
import openapi_full.document
from chalicelib import settings
from openapi_lint import Finding, lint, lint_text
from openapi_lint.findings.report import Report
from openapi_lint.formats import as_json as findings_as_json
from openapi_lint.formats import as_text as findings_as_text
from openapi_lint.text.files import NotGiven, read_all
from ops.stage.stage import PROJECT, Stage, enter_stage


def stage_document(stage: Stage) -> dict[str, Any]:
    """Return the OpenAPI document of a stage; raises StageNotUsable."""
    return openapi_document.build(_info(stage), stage.api_url, stage.import_operations())


def full_document(
    stage: Stage, authorization_url: str | None = None, token_url: str | None = None
) -> dict[str, Any]:
    """Return the OpenAPI document of a stage that holds nothing back; raises StageNotUsable."""
    sign_in_url = _sign_in_url(stage)
    return openapi_full.document.build(
        _info(stage),
        stage.api_url,
        stage.import_operations(),
        authorization_url or f'{sign_in_url}/oauth2/authorize',
        token_url or f'{sign_in_url}/oauth2/token',
    )


def _info(stage: Stage) -> dict[str, str]:
    project = tomllib.loads((PROJECT / 'pyproject.toml').read_text('utf-8'))['project']
    return {
        'title': stage.config.app_name,
        'description': project['description'],
        'version': project['version'],
    }


def _sign_in_url(stage: Stage) -> str:
    try:
        return settings.cognito_domain_url()
    except settings.MissingSetting:
        # The function of the one stack has it from the stack; the API leads there.
        return stage.api_url


class _Yaml(yaml.SafeDumper):
    """YAML as people write it: lists indented, paragraphs as a block, no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = '|' if '\n' in text else None
        return self.represent_scalar('tag:yaml.org,2002:str', text, style)


_Yaml.add_representer(str, _Yaml.represent_text)


def as_yaml(document: Any) -> str:
    """Return a document as YAML, each paragraph on one line."""
    endless = float('inf')
    return yaml.dump(document, Dumper=_Yaml, sort_keys=False, allow_unicode=True, width=endless)


def as_json(document: Any) -> str:
    """Return a document as JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False) + '\n'


@click.command(context_settings={'max_content_width': 100})
@click.option('--stage', metavar='S', help='The stage of .chalice/config.json to export.')
@click.option('--url', help="The API's URL, if it is not the one that was deployed.")
@click.option(
    '--format',
    'file_format',
    type=click.Choice(['yaml', 'json']),
    default='yaml',
    show_default=True,
    help='How to write the document. With --lint, json writes the findings as JSON.',
)
@click.option(
    '--profile',
    type=click.Choice(['chatgpt', 'full']),
    default='chatgpt',
    show_default=True,
    help='For whom: full has errors, sign-in and null too, for generators of clients and tests.',
)
@click.option(
    '--output',
    type=click.File('w', encoding='utf-8', lazy=True),
    default='-',
    metavar='F',
    help='The file to write, instead of standard output.',
)
@click.option(
    '--lint',
    'linted',
    multiple=True,
    metavar='FILE',
    help='Check this OpenAPI file instead, in YAML or JSON; - is standard input. Again for more.',
)
@click.option('--authorization-url', help="The Action's authorization URL, to be checked too.")
@click.option('--token-url', help="The Action's token URL, to be checked too.")
def main(  # noqa: PLR0913 - the options are the command's interface
    *,
    stage: str | None,
    url: str | None,
    file_format: str,
    profile: str,
    output: TextIO,
    linted: tuple[str, ...],
    authorization_url: str | None,
    token_url: str | None,
) -> None:
    """Print the OpenAPI document of a stage, to be pasted into ChatGPT's editor.

    It is checked against each rule by which ChatGPT takes it, and so is any other document with
    --lint. All findings are listed. If one is an error, the exit status is 1 and nothing is
    exported.
    """
    if linted and not stage:
        report = _checked(linted, authorization_url=authorization_url, token_url=token_url)
        findings = report.findings
        write = findings_as_json.write if file_format == 'json' else findings_as_text.write
        output.write(write(report))
    elif stage and not linted and profile == 'full':
        document = full_document(enter_stage(stage, url), authorization_url, token_url)
        findings = []
        output.write(as_json(document) if file_format == 'json' else as_yaml(document))
    elif stage and not linted:
        document = stage_document(enter_stage(stage, url))
        found = lint(document, authorization_url=authorization_url, token_url=token_url)
        findings = [_as_exported(finding) for finding in found]
        click.echo(_lines(findings), nl=False, err=True)
        if not _errors(findings):
            output.write(as_json(document) if file_format == 'json' else as_yaml(document))
    else:
        raise click.UsageError('Give either --stage or --lint.')
    if errors := _errors(findings):
        raise click.ClickException(f'ChatGPT would not take this document: {errors} error(s).')


class NotReadable(click.ClickException):
    """What is to be checked can't be read; the message names it."""

    exit_code = 2


def _checked(
    linted: tuple[str, ...], *, authorization_url: str | None, token_url: str | None
) -> Report:
    """Check OpenAPI files as ``python -m openapi_lint`` does; raises NotReadable."""
    try:
        documents = list(read_all(list(linted)))
    except NotGiven as error:
        raise NotReadable(str(error)) from error
    findings = [
        finding
        for given in documents
        for finding in lint_text(
            given.text, file=given.name, authorization_url=authorization_url, token_url=token_url
        )
    ]
    return Report({given.name: given.text for given in documents}, findings, hidden=[])


def _as_exported(finding: Finding) -> Finding:
    """Let a stage on this machine be exported, if not for ChatGPT."""
    return replace(finding, severity='warning') if finding.rule == 'server-localhost' else finding


def _lines(findings: list[Finding]) -> str:
    return ''.join(f'{finding}\n' for finding in findings)


def _errors(findings: list[Finding]) -> int:
    return sum(finding.severity == 'error' for finding in findings)


if __name__ == '__main__':
    main()
