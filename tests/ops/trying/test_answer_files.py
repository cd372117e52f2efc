"""Files saved under names that somebody else chose."""

from pathlib import Path

import pytest

from ops.trying.answer_files import File, safe_name, save


@pytest.mark.parametrize(
    ('sent', 'safe'),
    [
        ('rows.csv', 'rows.csv'),
        ('Übersicht 2026 (final).csv', 'Übersicht 2026 (final).csv'),
        ('../../etc/passwd', 'passwd'),
        ('/etc/passwd', 'passwd'),
        ('..\\..\\boot.ini', 'boot.ini'),
        ('C:rows.csv', 'C_rows.csv'),
        ('..', 'file'),
        ('', 'file'),
        ('a/', 'file'),
        ('.bashrc', 'bashrc'),
        ('a\0b\n.csv', 'a_b_.csv'),
        ('a\ud800.csv', 'a_.csv'),
        ('\x1b[31m.csv', '__31m.csv'),
        ('ü' * 300 + '.csv', 'ü' * 75 + '.csv'),
        ('a.' + 'b' * 300, 'a.' + 'b' * 49),
    ],
)
def test_name_stays_in_its_folder(sent: str, safe: str) -> None:
    assert safe_name(sent) == safe


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / 'out' / 'files'

    paths = [save(File('rows.csv', content), folder) for content in (b'1', b'2', b'3')]

    assert [path.name for path in paths] == ['rows.csv', 'rows (2).csv', 'rows (3).csv']
    assert [path.read_bytes() for path in paths] == [b'1', b'2', b'3']


def test_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / 'outside'
    folder = tmp_path / 'files'
    folder.mkdir()
    (folder / 'rows.csv').symlink_to(outside)

    path = save(File('rows.csv', b'1'), folder)

    assert path.name == 'rows (2).csv'
    assert not outside.exists()
