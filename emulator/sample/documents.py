"""The sample documents: a bucket with a file of each kind that documents come in.

Some are for all, some one person's, some a group's: DOCUMENTS_PREFIXES of the stage local says so.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from emulator.sample.people import PEOPLE, SamplePerson

BUCKET = 'sample-documents'

_POLICY = """# Travel policy

Everybody may travel for the company when the trip is approved.

- Trains are booked in second class, on journeys of more than four hours in first class.
- Hotels may cost up to 180 EUR a night in Paris and London, and 130 EUR elsewhere.
- Expenses are handed in within 30 days, with receipts.
"""

_WELCOME = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Welcome</title><style>body { color: #223 }</style></head>
<body>
<h1>Welcome to the company</h1>
<p>On your <b>first day</b> you get a laptop, a badge &amp; a plant.</p>
<table><tr><th>Who</th><th>For what</th></tr><tr><td>IT desk</td><td>Laptop</td></tr></table>
<script>console.log('not for reading')</script>
</body>
</html>
"""

_LETTER = """Sehr geehrte Damen und Herren,

wir bestätigen die Änderung der Straße in Ihrer Adresse: Größenweg 5, Köln.

Mit freundlichen Grüßen
"""


def seed(s3: Any) -> None:
    """Create and fill the sample bucket through an S3 client."""
    s3.create_bucket(Bucket=BUCKET)
    for key, content in documents().items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=content)


def documents() -> dict[str, bytes]:
    """Return the content of each document by its key."""
    return {
        'groups/finance/budget.csv': b'team,eur\nsales,120000\nfinance,45000\n',
        'groups/sales/targets.md': b'# Targets\n\n40 new customers until the summer.\n',
        'invoices/2026-001.pdf': _pdf('Invoice 2026-001', 'Two cups, 39.80 EUR'),
        **{f'people/{each.sub}/notes.txt': _notes(each) for each in PEOPLE},
        'policies/travel.md': _POLICY.encode(),
        'reports/customers.json': json.dumps(_customers(), indent=2).encode(),
        'reports/orders.csv': _orders().encode(),
        'shared/handbook.txt': _handbook().encode(),
        'shared/letters/address.txt': _LETTER.encode('latin-1'),
        'shared/welcome.html': _WELCOME.encode(),
    }


def _notes(person: SamplePerson) -> bytes:
    return f'Notes that only {person.email} sees.\n'.encode()


def _handbook() -> str:
    """Return a text of several pages."""
    topics = ('working hours', 'holidays', 'expenses', 'security', 'data protection', 'training')
    return '\n\n'.join(
        f'Section {number}: {topics[number % len(topics)]}\n\n'
        f'This is what the company has agreed on {topics[number % len(topics)]} in its meeting '
        f'number {number}. It holds from the day it is announced, for everybody, until the meeting '
        f'number {number + len(topics)} looks at it again. Questions go to the office '
        f'{number % 9 + 1}, which answers within {number % 5 + 1} working days.'
        for number in range(1, 401)
    )


def _customers() -> list[dict[str, Any]]:
    names = ('Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Hedy Lamarr', 'Noor Inayat Khan')
    return [{'id': number, 'name': name} for number, name in enumerate(names, start=1)]


def _orders() -> str:
    """Return a table of several pages, with line ends, quotes and commas within its cells."""
    table = io.StringIO(newline='')
    writer = csv.writer(table)
    writer.writerow(['order_id', 'customer', 'ordered_on', 'total', 'note'])
    for number in range(1, 2_001):
        note = 'ring twice,\nthen "knock"' if number % 7 == 0 else ''
        day = f'2026-{number % 12 + 1:02}-{number % 28 + 1:02}'
        writer.writerow([number, f'Customer {number % 5 + 1}', day, f'{number * 1.25:.2f}', note])
    return table.getvalue()


def _pdf(*lines: str) -> bytes:
    """Return a PDF document of one page."""
    text = ' '.join(f'({line}) Tj 0 -24 Td' for line in lines)
    stream = f'BT /F1 18 Tf 72 720 Td {text} ET'
    return b''.join(
        _pdf_parts(
            '<< /Type /Catalog /Pages 2 0 R >>',
            '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
            '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R '
            '/Resources << /Font << /F1 5 0 R >> >> >>',
            f'<< /Length {len(stream)} >>\nstream\n{stream}\nendstream',
            '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
        )
    )


def _pdf_parts(*objects: str) -> Iterator[bytes]:
    """Yield the header, the objects and the table of where they are (ISO 32000-1, 7.5)."""
    at = len(header := b'%PDF-1.4\n')
    yield header
    places = []
    for number, content in enumerate(objects, start=1):
        part = f'{number} 0 obj\n{content}\nendobj\n'.encode()
        places.append(f'{at:010} 00000 n \n')
        at += len(part)
        yield part
    size = len(objects) + 1
    yield f'xref\n0 {size}\n0000000000 65535 f \n{"".join(places)}'.encode()
    yield f'trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n'.encode()
