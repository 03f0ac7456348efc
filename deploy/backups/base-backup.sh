#!/bin/sh
# A base backup, checked, and then the old ones taken away: base-backup.sh CONNECTION FOLDER [DAYS, 30 unless given].
# DAYS is BACKUP_KEPT_DAYS: an erased chain is told until when backups hold its data. Run it daily.
set -eu
connection=$1 folder=$2 days=${3:-30}
mkdir -p "$folder/base" "$folder/wal"
target=$folder/base/$(date -u +%Y-%m-%dT%H-%M-%SZ)
pg_basebackup --dbname="$connection" --pgdata="$target.part" --format=plain --wal-method=stream --checkpoint=fast
pg_verifybackup --quiet "$target.part"
mv "$target.part" "$target"

# Kept: whatever is younger than that, and always the newest.
find "$folder/base" -mindepth 1 -maxdepth 1 -type d -mtime "+$((days - 1))" ! -path "$target" -exec rm -rf {} +
# Segments that the oldest backup still there does not need.
oldest=$(find "$folder/base" -mindepth 1 -maxdepth 1 -type d ! -name '*.part' | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$oldest/backup_label")
pg_archivecleanup "$folder/wal" "$first"
echo "$target"
