#!/bin/sh
# Writes requirements/{runtime,development,test,lint}.txt from pyproject.toml: one lock for every platform and Python we support,
# with the hash of every file of each release, and no address of an index. Options go to `uv pip compile`.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/python" -m pip --quiet install uv

lock() {
    UV_CUSTOM_COMPILE_COMMAND="make lock" "$tools/bin/uv" pip compile pyproject.toml --quiet --universal \
        --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links "$@"
}
mkdir -p requirements
lock "$@" --group build -o requirements/runtime.txt
lock "$@" --group build --group development -c requirements/runtime.txt -o requirements/development.txt
lock "$@" --group build --group development --group test -c requirements/development.txt -o requirements/test.txt
lock "$@" --group build --group development --group test --group lint -c requirements/test.txt -o requirements/lint.txt
