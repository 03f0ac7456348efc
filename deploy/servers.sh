# Sourced by scripts that try something out on servers of their own, with the programs of the PostgreSQL installed here:
# `place` is a folder for them, `as` runs a program as a user PostgreSQL takes, `revisit` is the checkout's own command.
checkout=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$(pg_config --bindir):$PATH
export PATH
place=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then # PostgreSQL does not run as root
    chown postgres "$place"
    as() { runuser -u postgres -- "$@"; }
else
    as() { "$@"; }
fi
mkdir "$place/home"
revisit() { REVISIT_HOME="$place/home" DJANGO_SETTINGS_MODULE=config.settings.dev "$checkout/.venv/bin/revisit" "$@"; }
# What the superuser is told by the server at a port, in bare words.
ask_server() { psql --quiet --no-align --tuples-only --dbname="postgresql://postgres@127.0.0.1:$1/${3:-postgres}" --command="$2"; }
# Stops the servers of these data folders at the end, and takes everything away.
stop_at_end() {
    servers=$*
    trap 'for server in $servers; do as pg_ctl --pgdata="$place/$server" --mode=immediate stop >/dev/null 2>&1 || true; done; rm -rf "$place"' EXIT
}
