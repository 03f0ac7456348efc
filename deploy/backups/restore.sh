#!/bin/sh
# A second server beside the living one, as the database was at a moment:
# restore.sh FOLDER TIME TARGET PORT, TIME as in "2026-11-22 08:30:00+00". Ends once it answers; stop it with pg_ctl.
set -eu
folder=$1 moment=$2 target=$3 port=$4
wanted=$(date -u -d "$moment" +%Y-%m-%dT%H-%M-%SZ)
# The newest that was begun before that moment.
base=$(find "$folder/base" -mindepth 1 -maxdepth 1 -type d ! -name '*.part' | sort |
    awk -F/ -v wanted="$wanted" '$NF < wanted { found = $0 } END { print found }')
if [ -z "$base" ]; then
    echo "No base backup was made before $moment." >&2
    exit 1
fi
cp -a "$base" "$target"
chmod 700 "$target"
cat >>"$target/postgresql.auto.conf" <<EOF
restore_command = 'cp "$folder/wal/%f" "%p"'
recovery_target_time = '$moment'
recovery_target_action = 'promote'
archive_mode = off
port = $port
unix_socket_directories = '$target'
listen_addresses = '127.0.0.1'
EOF
touch "$target/recovery.signal"
pg_ctl --pgdata="$target" --log="$target/restore.log" --wait --timeout=3600 start >/dev/null
until [ "$(psql --host="$target" --port="$port" --dbname=postgres --no-align --tuples-only --command='SELECT pg_is_in_recovery()')" = f ]; do
    sleep 1
done
echo "As of $moment at port $port, from $base"
