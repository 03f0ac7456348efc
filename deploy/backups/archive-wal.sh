#!/bin/sh
# PostgreSQL's archive_command: archive-wal.sh %p %f FOLDER. Succeeds only once the segment lies there whole and on disk.
# Given the same segment again it succeeds, given another one of that name it refuses.
set -eu
source=$1 name=$2 folder=$3
target=$folder/$name
if [ -e "$target" ]; then
    cmp -s "$source" "$target"
    exit
fi
draft=$folder/.$name.part
cp "$source" "$draft"
sync "$draft"
mv "$draft" "$target"
sync "$folder"
