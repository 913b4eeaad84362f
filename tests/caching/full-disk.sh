#!/usr/bin/env bash
# A disk of 20 MB that becomes full in the middle of the job: a clear message, what is done is kept, and after making room it goes on to the same
# bytes. Needs root for the tmpfs; not run in CI.
# Usage: full-disk.sh      (dotnet build src/OrtPeft.Cli first)
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
ortpeft=${ORTPEFT:-"dotnet $PWD/src/OrtPeft.Cli/bin/Debug/net10.0/OrtPeft.Cli.dll"}
work=$(mktemp -d)
mkdir "$work/disk"
mount -t tmpfs -o size=20m tmpfs "$work/disk"
trap 'umount "$work/disk"; rm -rf "$work"' EXIT
cd "$work"
$ortpeft demo --mails 400 --max-length 64 --out demo --quiet > /dev/null
cache="cache --model $root/onnx-models/all-minilm-l6-v2 --max-length 64 --quiet"
head -n 280 demo/mail/train.jsonl > fits.jsonl
$ortpeft $cache --data fits.jsonl --out one > /dev/null

echo "== 1: it is known beforehand that it cannot fit"
code=0; $ortpeft $cache --data demo/mail/train.jsonl --dtype fp32 --out disk/features || code=$?
[[ $code == 2 && -z $(find disk -name 'shard-*') ]]

echo "== 2: somebody else fills the disk in the middle"
$ortpeft $cache --data fits.jsonl --out disk/features > out.log 2>&1 & pid=$!
until [[ -n $(find disk -name 'shard-00000*') ]] || ! kill -0 $pid 2> /dev/null; do sleep 0.05; done
dd if=/dev/zero of=disk/ballast bs=1M status=none 2> /dev/null || true
code=0; wait $pid || code=$?
cat out.log
kept=$(find disk -name 'shard-*' | wc -l)
[[ $code == 2 && $kept -gt 0 && -z $(find disk -name '.*.tmp') ]]

echo "== 3: after making room"
rm disk/ballast
$ortpeft $cache --data fits.jsonl --out disk/features | head -n 1
for shard in one/shard-*; do cmp "$shard" "disk/features/$(basename "$shard")"; done
echo "$kept of $(ls one/shard-* | wc -l) shards were kept, the rest computed: the same bytes"
