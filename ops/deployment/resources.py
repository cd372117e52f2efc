"""The template of what a stage needs beside its function and its API: resources/, put together."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import capabilities
from capabilities.capability import Capability
from ops.deployment import policy
from ops.stage import json_file, variables
from ops.stage.stage import Stage

Template = dict[str, Any]

# Every stage has these parts; of the others, those of its capabilities.
_ALWAYS = ('sign_in', 'person', 'watching')
# Who may read documents would read what everybody has asked the database.
_TWO_BUCKETS = {
    'RuleCondition': {'Fn::Not': [{'Fn::Equals': [{'Ref': 'ExistingDocumentsBucketName'}, '']}]},
    'Assertions': [
        {
            'Assert': {
                'Fn::Not': [
                    {
                        'Fn::Equals': [
                            {'Ref': 'ExistingDocumentsBucketName'},
                            {'Ref': 'ExistingResultsBucketName'},
                        ]
                    }
                ]
            },
            'AssertDescription': 'Documents and SQL results must be in two buckets: results in '
            'the bucket of documents could be read by everybody.',
        }
    ],
}
_SECTIONS = ('Parameters', 'Rules', 'Conditions', 'Resources', 'Outputs')


def of_stage(stage: Stage) -> Template:
    """Return the template of a stage, whose app has its name; raises FileRefused."""
    whole = template(Path(stage.config.project_dir), stage.switched_on)
    whole['Parameters']['AppName'] |= {'Default': stage.config.app_name}
    whole['Parameters']['Stage'] |= {'Default': stage.name}
    return whole


def template(project: Path, switched_on: Collection[str] = capabilities.NAMES) -> Template:
    """Return the template of a project; raises FileRefused."""
    sign_in, person, watching = _ALWAYS
    whole: Template = {
        'AWSTemplateFormatVersion': '2010-09-09',
        'Description': 'What the middleware between ChatGPT and AWS needs beside its function.',
        **{section: {} for section in _SECTIONS},
    }
    for name in (sign_in, *sorted(switched_on), person, watching):
        file = project / 'resources' / f'{name}.json'
        part = json_file.read(file)
        for section in _SECTIONS:
            added = part.get(section, {})
            if twice := whole[section].keys() & added.keys():
                raise json_file.FileRefused(f'{file}: another part has {", ".join(twice)} already.')
            whole[section] |= added
    _bind_person(whole, switched_on)
    return {section: content for section, content in whole.items() if content}


def settings(switched_on: Iterable[Capability], outputs: Template) -> Template:
    """Return the function's settings: what the outputs of these names are."""
    found = {}
    for name in variables.names(switched_on):
        output = outputs[variables.output_of(name)]
        condition, value = output.get('Condition'), output['Value']
        found[name] = {'Fn::If': [condition, value, policy.NO_VALUE]} if condition else value
    return found


def _bind_person(whole: Template, switched_on: Collection[str]) -> None:
    """Let the role of a person reach what is theirs of each capability."""
    present = capabilities.of_a_stage(switched_on)
    document = policy.of_a_person(present, settings(present, whole['Outputs']))
    properties = whole['Resources']['PersonRole']['Properties']
    properties['Policies'] = [{'PolicyName': 'WhatIsTheirs', 'PolicyDocument': document}]
    if {'documents', 'sql'} <= set(switched_on):
        whole['Rules']['DocumentsAreNoResults'] = _TWO_BUCKETS
