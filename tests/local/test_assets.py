from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.local.assets import read_asset, zip_archive
from backplane.local.wire import Archive, Asset

names = st.text("abcdefgh", min_size=1, max_size=6)


@given(st.dictionaries(names, st.text(max_size=20), min_size=1, max_size=5), st.randoms())
def test_the_order_of_files_does_not_change_a_byte(files: dict[str, str], random: object) -> None:
    entries = [(name, Asset(text=text)) for name, text in files.items()]
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' random

    one, other = (zip_archive(Archive(assets=dict(order)), Path()) for order in (entries, shuffled))

    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: text.encode() for name, text in files.items()
        }


def test_the_time_and_mode_of_a_file_do_not_change_a_byte(tmp_path: Path) -> None:
    file = tmp_path / "handler.py"
    file.write_text("x = 1")
    before = zip_archive(Archive(path="."), tmp_path)

    os.utime(file, (1, 1))
    file.chmod(0o755)

    assert zip_archive(Archive(path="."), tmp_path) == before


def test_a_changed_byte_changes_the_archive(tmp_path: Path) -> None:
    file = tmp_path / "handler.py"
    file.write_text("x = 1")
    before = zip_archive(Archive(path="."), tmp_path)

    file.write_text("x = 2")

    assert zip_archive(Archive(path="."), tmp_path) != before


def test_a_zip_on_disk_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "layer.zip").write_bytes(b"PK whatever")

    assert zip_archive(Archive(path="layer.zip"), tmp_path) == b"PK whatever"


def test_archives_nest_and_leave_caches_out(tmp_path: Path) -> None:
    cache = tmp_path / "source" / "__pycache__"
    cache.mkdir(parents=True)
    (cache / "a.pyc").write_bytes(b"no")
    (tmp_path / "source" / "a.py").write_text("yes")

    nested = Archive(assets={"inner": Archive(path="source"), "top.txt": Asset(text="top")})

    with zipfile.ZipFile(io.BytesIO(zip_archive(nested, tmp_path))) as archive:
        assert archive.namelist() == ["inner/a.py", "top.txt"]


def test_an_asset_by_address_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="use a FileAsset or a StringAsset"):
        read_asset(Asset(), Path())
