"""Why the project's own code could not be imported, in one line of the traceback."""

import re
from pathlib import Path


def in_one_line(trace: str, project: Path) -> str:
    """Return the last line of a traceback, and the line of the project that it leads to."""
    last_line = (trace.strip().splitlines() or ['it ended without an error message'])[-1]
    files = re.findall(rf'File "{re.escape(str(project))}/([^"]+)", line (\d+)', trace)
    own = [f'{file}, line {line}' for file, line in files if 'site-packages' not in file]
    return f'{last_line} ({own[-1]})' if own else last_line
