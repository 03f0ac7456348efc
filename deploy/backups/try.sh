#!/bin/sh
# Tries docs/backups.md from beginning to end on servers of its own, with the programs of the PostgreSQL installed here:
# a chain is erased by mistake and comes back as it was a moment before, while the others stay as they are now.
set -eu
. "$(dirname "$0")/../servers.sh"
live=$((20000 + $$ % 10000)) past=$((live + 1))
at() { export DATABASE_URL="postgres://revisit:try@127.0.0.1:$1/revisit"; }
stop_at_end live past

echo "== A server that archives its WAL"
as mkdir -p "$place/backups/wal"
as initdb --pgdata="$place/live" --auth=trust --username=postgres >/dev/null
as sh -c "cat >>'$place/live/postgresql.conf'" <<EOF
port = $live
listen_addresses = '127.0.0.1'
unix_socket_directories = '$place'
archive_mode = on
archive_command = 'sh $checkout/deploy/backups/archive-wal.sh "%p" "%f" $place/backups/wal'
archive_timeout = 60
EOF
as pg_ctl --pgdata="$place/live" --log="$place/live.log" --wait start >/dev/null
at "$live"
ADMIN_DATABASE_URL="postgresql://postgres@127.0.0.1:$live/postgres" revisit prepare_database
revisit migrate_schemas --shared --noinput >/dev/null
revisit create_chain --schema lost --name Lost --owner-email owner@lost.test
revisit create_chain --schema kept --name Kept

echo "== A base backup, and work after it"
as sh "$checkout/deploy/backups/base-backup.sh" "postgresql://postgres@127.0.0.1:$live/postgres" "$place/backups"
printf 'store_code,name,city\nS1,Before the accident,上海\n' >"$place/home/stores.csv"
revisit import_data --chain lost stores "$place/home/stores.csv" >/dev/null
sleep 1
moment=$(date -u '+%Y-%m-%d %H:%M:%S.%N+00')
sleep 1

echo "== The accident, and the others work on"
revisit erase_chain --chain lost --confirm lost
printf 'store_code,name,city\nS9,After the accident,上海\n' >"$place/home/stores.csv"
revisit import_data --chain kept stores "$place/home/stores.csv" >/dev/null
ask_server "$live" 'SELECT pg_switch_wal()' >/dev/null
sleep 2

echo "== The database as it was at $moment, beside the living one"
as sh "$checkout/deploy/backups/restore.sh" "$place/backups" "$moment" "$place/past" "$past"

echo "== The chain out of it, and into the living one"
at "$past"
revisit export_chain --chain lost --to "$place/home/lost.zip"
at "$live"
revisit restore_chain "$place/home/lost.zip" --schema found
found=$(ask_server "$live" "SELECT (SELECT string_agg(name, ',') FROM found.stores_store), (SELECT string_agg(name, ',') FROM kept.stores_store), (SELECT string_agg(email, ',') FROM found.accounts_user)" revisit)
expected="Before the accident|After the accident|owner@lost.test"
if [ "$found" != "$expected" ]; then
    echo "Not as it should be: $found" >&2
    exit 1
fi
echo "Restored: $found"
