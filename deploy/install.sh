#!/bin/sh
# Makes .venv and installs the locked dependencies of one group into it: sh deploy/install.sh development|test|lint
# Does nothing where that is done already; safe when several run at once. Plain sh, since nothing else is there yet.
set -eu
group=${1:-development}
cd "$(dirname "$0")/.."
venv=$PWD/.venv
lock=requirements/$group.txt

say() {
    echo "revisit: $*" >&2
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer is needed; python3 here is $(python3 --version 2>/dev/null || echo missing)." \
        "Install one, or name it: make PYTHON=/path/to/python3"
    return 1
}

make_venv() {
    python=$(find_python) || return 1
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        say "$python lacks the venv module; install it (on Debian and Ubuntu: the package python3-venv)."
        return 1
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
}

# A stamp names what was installed, and where: a checkout that moved has scripts that point nowhere.
stamp_of() {
    echo "$venv $(cat "requirements/$1.txt" pyproject.toml deploy/install.sh | cksum)"
}

installed() {
    [ -x "$venv/bin/revisit" ] && "$venv/bin/python" -c '' 2>/dev/null || return 1
    for wider in $1; do
        [ "$(cat "$venv/.installed-$wider" 2>/dev/null)" = "$(stamp_of "$wider")" ] && return 0
    done
    return 1
}

case $group in
    development) enough="development test lint" ;;
    test) enough="test lint" ;;
    lint) enough="lint" ;;
    *) say "no such group: $group"; exit 2 ;;
esac

installed "$enough" && exit 0
if command -v flock >/dev/null 2>&1 && [ -z "${REVISIT_INSTALL_LOCKED:-}" ]; then
    REVISIT_INSTALL_LOCKED=1 exec flock "$PWD/deploy/install.sh" sh deploy/install.sh "$group"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
report() {
    tail -n 20 "$log" >&2
    if grep -q 'No space left on device' "$log"; then
        say "the disk is full; free some space and run the same command again."
    else
        say "the installation failed; the lines above say why."
    fi
    exit 1
}

if ! { [ -x "$venv/bin/python" ] && [ "$("$venv/bin/python" -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$venv" ] \
    && [ -f "$venv/.place" ] && [ "$(cat "$venv/.place")" = "$venv" ]; }; then
    make_venv || exit 1
    echo "$venv" >"$venv/.place" 2>"$log" || report
fi
echo "Installing the dependencies ($group) into .venv, once ..." >&2
pip() {
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 "$venv/bin/python" -m pip --quiet "$@" >"$log" 2>&1 || report
}
pip install --no-compile --require-hashes -r "$lock"
pip install --no-deps --no-build-isolation --editable .
stamp_of "$group" >"$venv/.installed-$group"
