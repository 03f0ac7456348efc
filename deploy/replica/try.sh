#!/bin/sh
# Tries docs/growth.md, "A replica", on servers of its own, with the programs of the PostgreSQL installed here: the same
# question is answered by the main database and by a streaming replica, and with the replica stopped.
set -eu
. "$(dirname "$0")/../servers.sh"
main=$((20000 + $$ % 10000)) copy=$((main + 1))
ask() { revisit repurchase --chain acme --from 2025-01-01 --to 2026-01-01 --by store --json; }
stop_at_end copy main

echo "== A server and its streaming replica"
as initdb --pgdata="$place/main" --auth=trust --username=postgres >/dev/null
as sh -c "cat >>'$place/main/postgresql.conf'" <<EOF
port = $main
listen_addresses = '127.0.0.1'
unix_socket_directories = '$place'
EOF
as pg_ctl --pgdata="$place/main" --log="$place/main.log" --wait start >/dev/null
as pg_basebackup --dbname="postgresql://postgres@127.0.0.1:$main/postgres" --pgdata="$place/copy" --write-recovery-conf
as sh -c "printf '%s\n' 'port = $copy' 'log_statement = all' >>'$place/copy/postgresql.conf'"
as pg_ctl --pgdata="$place/copy" --log="$place/copy.log" --wait start >/dev/null

echo "== A chain in the main database"
export DATABASE_URL="postgres://revisit:try@127.0.0.1:$main/revisit"
ADMIN_DATABASE_URL="postgresql://postgres@127.0.0.1:$main/postgres" revisit prepare_database
revisit migrate_schemas --shared --noinput >/dev/null
revisit create_chain --schema acme --name Acme
printf 'store_code,name,city\nS1,One,上海\nS2,Two,成都\n' >"$place/home/stores.csv"
printf 'store_code,client_ref,started_at,amount\nS1,a,2025-02-01,9\nS1,a,2025-05-01,9\nS2,b,2025-03-01,9\n' >"$place/home/visits.csv"
revisit import_data --chain acme stores "$place/home/stores.csv" >/dev/null
revisit import_data --chain acme visits "$place/home/visits.csv" --create-missing >/dev/null
expected=$(ask)

echo "== The same from the replica"
position=$(ask_server "$main" 'SELECT pg_current_wal_lsn()')
until [ "$(ask_server "$copy" "SELECT pg_last_wal_replay_lsn() >= '$position'")" = t ]; do
    sleep 0.2
done
export REPORTS_DATABASE_URL="postgres://revisit:try@127.0.0.1:$copy/revisit"
[ "$(ask)" = "$expected" ]
as grep -q 'reporting_keptperiod' "$place/copy.log" # it was the replica that was asked

echo "== The replica stops"
as pg_ctl --pgdata="$place/copy" --mode=fast stop >/dev/null
[ "$(ask 2>"$place/home/warnings")" = "$expected" ]
grep 'The replica does not serve' "$place/home/warnings" | cut -c 1-160 | head -n 1
echo "Answered alike: $expected" | cut -c 1-160
