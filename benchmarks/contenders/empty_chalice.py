"""A Chalice app with nothing in it but the route."""

from chalice.app import Chalice

app = Chalice(app_name='empty')


@app.route('/my_route', methods=['POST'])
def my_route() -> dict[str, bool]:
    """Return a success message."""
    return {'success': True}
