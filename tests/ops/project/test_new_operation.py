"""An operation added to a copy of the project passes every check as it is written."""

from pathlib import Path

import pytest

from app import app
from chalicelib.operations.routes import OperationRoute, operation_routes
from ops.project import new_operation
from ops.project.new_operation import NotAdded
from tests.support.stages.checkout import CHECKS, Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / 'project')


def test_three_edits_pass_all_checks(checkout: Checkout) -> None:
    printed = checkout.run('-m', 'ops', 'new-operation', 'getInvoice')

    assert printed.splitlines() == [
        'chalicelib/invoice.py: written',
        'tests/test_get_invoice.py: written',
        'app.py: POST /get_invoice is added',
        'Next: say in these three what it does, and then make test.',
    ]
    checkout.lint()
    checkout.run('-m', 'mypy', 'app.py', 'chalicelib/invoice.py', 'tests/test_get_invoice.py')
    checkout.run(
        '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests/test_get_invoice.py', *CHECKS
    )


def test_second_operation_goes_beside_the_first(checkout: Checkout) -> None:
    for name in ('getInvoice', 'payInvoice'):
        checkout.run('-m', 'ops', 'new-operation', name)

    checkout.lint()
    assert (checkout.folder / 'chalicelib' / 'pay_invoice_operation.py').exists()
    checkout.run('-m', 'pytest', '-q', 'tests/test_get_invoice.py', 'tests/test_pay_invoice.py')


@pytest.mark.parametrize(
    'name', ['', 'GetInvoice', 'get_invoice', 'get invoice', '../x', 'a' * 60, "x');import os", 'é']
)
def test_invalid_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotAdded, match='no name such as getInvoice'):
        list(new_operation.add(tmp_path, name))


@pytest.mark.parametrize('route', operation_routes(app), ids=lambda route: route.operation.id)
def test_operation_that_is_there_stays(route: OperationRoute, checkout: Checkout) -> None:
    before = (checkout.folder / 'app.py').read_text()

    with pytest.raises(NotAdded, match='already'):
        list(new_operation.add(checkout.folder, route.operation.id))

    assert (checkout.folder / 'app.py').read_text() == before
