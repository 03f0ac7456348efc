"""What the demo tells: its chains' addresses and logins, in REVISIT_HOME/demo.json and on the terminal."""

import json
from pathlib import Path
from typing import Any


def file(home: Path) -> Path:
    """Where programs find the demo's addresses and logins."""
    return home / "demo.json"


def write(home: Path, told: Path, port: int) -> None:
    """Turn what `build_demo --json` said into demo.json, with the addresses of this port."""
    said = json.loads(told.read_text(encoding="utf-8"))
    chains, console = said["chains"], said.get("console")
    document: dict[str, Any] = {
        "chains": [
            {
                "schema": chain["schema"],
                "name": chain["name"],
                "url": f"http://{chain['domain']}:{port}/",
                "logins": [{key: login[key] for key in ("role", "email", "password")} for login in chain["logins"]],
            }
            for chain in chains
        ]
    }
    if console:
        document["console"] = {"url": f"http://{console['domain']}:{port}/"}
        document["console"] |= {key: console[key] for key in ("email", "password")}
    told.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    told.chmod(0o600)
    told.replace(file(home))


def summary(home: Path) -> str:
    """The same for people."""
    document: dict[str, Any] = json.loads(file(home).read_text(encoding="utf-8"))
    lines: list[str] = []
    for chain in document["chains"]:
        lines += ["", f"{chain['name']}  {chain['url']}"]
        lines += [f"  {login['role']:<14} {login['email']:<32} {login['password']}" for login in chain["logins"]]
    if console := document.get("console"):
        lines += ["", f"Operators’ console  {console['url']}"]
        lines += [f"  {'operator':<14} {console['email']:<32} {console['password']}"]
    return "\n".join(lines)
