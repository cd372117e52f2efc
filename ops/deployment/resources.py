"""The template of what a stage needs beside its function and its API: resources/, put together."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import capabilities
from ops.stage import json_file
from ops.stage.stage import Stage

Template = dict[str, Any]

# Every stage has these parts; of the others, those of its capabilities.
_ALWAYS = ('sign_in', 'watching')
_SECTIONS = ('Parameters', 'Rules', 'Conditions', 'Resources', 'Outputs')


def of_stage(stage: Stage) -> Template:
    """Return the template of a stage, whose app has its name; raises FileRefused."""
    whole = template(Path(stage.config.project_dir), stage.switched_on)
    whole['Parameters']['AppName'] |= {'Default': stage.config.app_name}
    whole['Parameters']['Stage'] |= {'Default': stage.name}
    return whole


def template(project: Path, switched_on: Collection[str] = capabilities.NAMES) -> Template:
    """Return the template of a project; raises FileRefused."""
    sign_in, watching = _ALWAYS
    whole: Template = {
        'AWSTemplateFormatVersion': '2010-09-09',
        'Description': 'What the middleware between ChatGPT and AWS needs beside its function.',
        **{section: {} for section in _SECTIONS},
    }
    for name in (sign_in, *sorted(switched_on), watching):
        file = project / 'resources' / f'{name}.json'
        part = json_file.read(file)
        for section in _SECTIONS:
            added = part.get(section, {})
            if twice := whole[section].keys() & added.keys():
                raise json_file.FileRefused(f'{file}: another part has {", ".join(twice)} already.')
            whole[section] |= added
    return {section: content for section, content in whole.items() if content}
