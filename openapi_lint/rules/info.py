"""Rules about what the document says of itself, and what its operations share."""

from openapi_lint.findings.evidence import START, documented, published
from openapi_lint.findings.rule import Problems, quote, rule
from openapi_lint.text.document import Document


@rule(
    'info-fields',
    'error',
    breaks='no `info`, or no title or version in it, or one that is no text',
    remedy='Give `info` a title and a version, as texts.',
    evidence=published("('info', 'title'): field required"),
    milder='a title or version that is a number',
)
def _names_itself(document: Document) -> Problems:
    info = document.root['info']
    if not isinstance(info.value, dict):
        yield info, 'it has no info, which names the API'
        return
    for key in ('title', 'version'):
        field = info[key]
        if isinstance(field.value, int | float):
            yield field, f'its {key} {quote(field.value)} is a number: it needs quotes', 'warning'
        elif not field.text.strip():
            yield (field if key in info else info), f'it has no {key}'


@rule(
    'info-description',
    'warning',
    breaks='no description',
    remedy='Say there what the API is for: the model decides by it.',
    evidence=documented('the model decides by it whether the API is of use', START),
)
def _describes_itself(document: Document) -> Problems:
    info = document.root['info']
    description = info['description']
    if isinstance(info.value, dict) and not description.text.strip():
        yield (description if 'description' in info else info), 'it has no description'


@rule(
    'components-schemas',
    'error',
    breaks='`components` without `schemas`, or either of them anything but an object',
    remedy='Write `schemas: {}` under components, or leave components out.',
    evidence=published('In components section, schemas subsection is not an object'),
    fixable=True,
)
def _has_schemas_in_components(document: Document) -> Problems:
    components = document.root['components']
    if 'components' not in document.root:
        return
    if not isinstance(components.value, dict):
        yield components, 'its components are no object'
    elif 'schemas' not in components:
        yield components, 'its components have no schemas'
    elif not isinstance(components['schemas'].value, dict):
        yield components['schemas'], 'the schemas of its components are no object'


@rule(
    'security-schemes',
    'warning',
    breaks='several `securitySchemes`',
    remedy="Keep one, or none: the Action's own dialog sets authentication.",
    evidence=published('Found multiple security schemes, only 1 is supported'),
)
def _has_one_security_scheme(document: Document) -> Problems:
    schemes = document.root['components']['securitySchemes']
    count = len(list(schemes))
    if count > 1:
        yield schemes, f'it has {count} security schemes, of which one is taken'
