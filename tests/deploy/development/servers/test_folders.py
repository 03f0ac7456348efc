"""The home's folders are private, and no trap of somebody else's is walked into."""

import stat
from pathlib import Path

import pytest

from config.errors import StartError
from deploy.development.servers import locations
from deploy.development.servers.folders import make_folders, make_socket_folder, remove_socket_folder


def test_folders_are_open_to_nobody_else(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_folders(home)
    make_socket_folder(home)
    make_folders(home)
    for folder in (home, locations.locks(home), locations.logs(home), locations.sockets(home)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_place_of_the_socket_folder_is_refused(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 30)
    place = locations.sockets(home)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place.symlink_to(elsewhere)
    try:
        with pytest.raises(StartError, match="belongs to somebody else"):
            make_socket_folder(home)
    finally:
        place.unlink()


def test_a_socket_folder_outside_the_home_is_closed_and_removed(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 30)
    place = locations.sockets(home)
    place.mkdir(mode=0o755)
    make_socket_folder(home)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    remove_socket_folder(home)
    assert not place.exists()


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("not a folder")
    with pytest.raises(StartError, match=str(home)):
        make_folders(home)
