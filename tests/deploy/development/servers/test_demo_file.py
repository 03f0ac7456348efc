"""demo.json: what the demo says of itself, with the addresses of the port it serves on."""

import json
from pathlib import Path

from deploy.development.servers import demo_file

TOLD = {
    "chains": [
        {
            "schema": "yueyan",
            "name": "悦颜",
            "domain": "yueyan.localhost",
            "logins": [
                {"role": "hq", "email": "hq@yueyan.example", "password": "a", "name": "left out"},
                {"role": "store_manager", "email": "s1@yueyan.example", "password": "b"},
            ],
        }
    ],
    "console": {"domain": "console.localhost", "email": "operator@revisit.example", "password": "c"},
}


def test_addresses_and_logins_are_written_and_told(tmp_path: Path) -> None:
    told = tmp_path / "demo.new"
    told.write_text(json.dumps(TOLD), encoding="utf-8")
    demo_file.write(tmp_path, told, 8917)
    path = tmp_path / "demo.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    (chain,) = document["chains"]
    console = {"url": "http://console.localhost:8917/", "email": "operator@revisit.example", "password": "c"}
    assert document["console"] == console
    assert chain["url"] == "http://yueyan.localhost:8917/"
    assert chain["logins"][0] == {"role": "hq", "email": "hq@yueyan.example", "password": "a"}
    assert path.stat().st_mode & 0o077 == 0
    assert not told.exists()
    summary = demo_file.summary(tmp_path)
    assert "悦颜  http://yueyan.localhost:8917/" in summary
    assert "s1@yueyan.example" in summary
    assert "http://console.localhost:8917/" in summary
