"""The transform of templates for AWS SAM, by SAM's own translator."""

import copy
from importlib import import_module
from typing import Any

import boto3

from emulator.cloudformation.functions import Invalid

SAM = 'AWS::Serverless-2016-10-31'


def transformed(body: dict[str, Any], parameters: dict[str, str], region: str) -> dict[str, Any]:
    """Return a template with plain resources in the place of SAM's; raises Invalid."""
    if body['Transform'] not in (SAM, [SAM]):
        raise Invalid(f'No transform named {body["Transform"]} found.')
    # Takes its time to import, and only such templates need it.
    parser = import_module('samtranslator.parser.parser').Parser()
    translator = import_module('samtranslator.translator.translator').Translator(
        None, parser, boto_session=boto3.Session(region_name=region)
    )
    refused = import_module('samtranslator.model.exceptions').InvalidDocumentException
    try:
        plain: dict[str, Any] = translator.translate(copy.deepcopy(body), dict(parameters))
    except refused as error:
        raise Invalid(f'Transform {SAM} failed with: {error.message}') from error
    return plain
