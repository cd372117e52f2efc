"""Prints the OpenAPI 3.1 document that ChatGPT takes for an Action, made from the operations."""

import json
import tomllib
from dataclasses import asdict, replace
from typing import Any, BinaryIO, TextIO

import click
import yaml

import openapi_document
from openapi_lint import Finding, lint, lint_text
from ops.stage.stage import PROJECT, Stage, enter_stage


def stage_document(stage: Stage) -> dict[str, Any]:
    """Return the OpenAPI document of a stage; raises StageNotUsable."""
    project = tomllib.loads((PROJECT / 'pyproject.toml').read_text('utf-8'))['project']
    info = {
        'title': stage.config.app_name,
        'description': project['description'],
        'version': project['version'],
    }
    return openapi_document.build(info, stage.api_url, stage.import_operations())


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
    '--output',
    type=click.File('w', encoding='utf-8', lazy=True),
    default='-',
    metavar='F',
    help='The file to write, instead of standard output.',
)
@click.option(
    '--lint',
    'linted',
    type=click.File('rb'),
    metavar='FILE',
    help='Check this OpenAPI file instead, in YAML or JSON; - is standard input.',
)
@click.option('--authorization-url', help="The Action's authorization URL, to be checked too.")
@click.option('--token-url', help="The Action's token URL, to be checked too.")
def main(  # noqa: PLR0913 - the options are the command's interface
    *,
    stage: str | None,
    url: str | None,
    file_format: str,
    output: TextIO,
    linted: BinaryIO | None,
    authorization_url: str | None,
    token_url: str | None,
) -> None:
    """Print the OpenAPI document of a stage, to be pasted into ChatGPT's editor.

    It is checked against each rule by which ChatGPT takes it, and so is any other document with
    --lint. All findings are listed. If one is an error, the exit status is 1 and nothing is
    exported.
    """
    check = {'authorization_url': authorization_url, 'token_url': token_url}
    if linted and not stage:
        findings = lint_text(linted.read(), **check)
        found = [asdict(finding) for finding in findings]
        output.write(as_json(found) if file_format == 'json' else _lines(findings))
    elif stage and not linted:
        document = stage_document(enter_stage(stage, url))
        findings = [_as_exported(finding) for finding in lint(document, **check)]
        click.echo(_lines(findings), nl=False, err=True)
        if not _errors(findings):
            output.write(as_json(document) if file_format == 'json' else as_yaml(document))
    else:
        raise click.UsageError('Give either --stage or --lint.')
    if errors := _errors(findings):
        raise click.ClickException(f'ChatGPT would not take this document: {errors} error(s).')


def _as_exported(finding: Finding) -> Finding:
    """Let a stage on this machine be exported, if not for ChatGPT."""
    return replace(finding, severity='warning') if finding.rule == 'server-localhost' else finding


def _lines(findings: list[Finding]) -> str:
    return ''.join(f'{finding}\n' for finding in findings)


def _errors(findings: list[Finding]) -> int:
    return sum(finding.severity == 'error' for finding in findings)


if __name__ == '__main__':
    main()
