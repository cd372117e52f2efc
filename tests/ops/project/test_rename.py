"""The app under another name: one edit, and no name in AWS is left of the old one."""

import json
from pathlib import Path

from ops.stage import json_file
from tests.support.stages.checkout import Checkout


def test_every_name_follows_the_one_in_the_configuration(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / 'project')
    file = checkout.folder / '.chalice' / 'config.json'
    config = json_file.read(file)
    old, config['app_name'] = config['app_name'], 'quokka'
    json_file.replace(file, config)

    checkout.run('-m', 'ops', 'package', '--stage', 'dev')

    template = (checkout.folder / 'out' / 'dev' / 'sam.json').read_text()
    parameters = json.loads(template)['Parameters']
    assert old not in template
    assert (parameters['AppName']['Default'], parameters['Stage']['Default']) == ('quokka', 'dev')
    assert 'title: quokka' in checkout.run('openapi_export.py', '--stage', 'local')
