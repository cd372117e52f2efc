"""AWS as tests need it: recorded, judged, failing."""
