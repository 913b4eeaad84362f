#!/usr/bin/env bash
# Kills the caching job (-9) at random moments and starts it again, 200 times. Whenever it gets to its end, every shard and the manifest must have
# the bytes of an undisturbed run. Takes some minutes; not run in CI, which kills it ten times.
# Usage: kill.sh [kills] [seed]      (dotnet build src/OrtPeft.Cli first)
set -euo pipefail
cd "$(dirname "$0")/../.."
kills=${1:-200}
RANDOM=${2:-1}
ortpeft=${ORTPEFT:-"dotnet $PWD/src/OrtPeft.Cli/bin/Debug/net10.0/OrtPeft.Cli.dll"}
model=$PWD/tests/OrtPeft.Tests/Fixtures/tiny-bert
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
words=(free prize win money cash click offer meeting report thursday room draft patch parser the you a is to and of in)
for i in $(seq 12000); do
  text=
  for _ in $(seq 24); do text+="${words[RANDOM % ${#words[@]}]} "; done
  echo "{\"id\":\"$i\",\"text\":\"$text\"}"
done > texts.jsonl
cache="cache --model $model --data texts.jsonl --max-length 32 --dtype fp32 --quiet"
$ortpeft $cache --out one > /dev/null
total=$(ls one/shard-* | wc -l)

count() { find features -name 'shard-*' 2> /dev/null | wc -l || true; }
mkdir -p features
done=0 ends=0
while ((done < kills)); do
  before=$(count)
  $ortpeft $cache --out features > out.log 2>&1 & pid=$!
  sleep "$(awk "BEGIN { print 0.3 + 2.2 * $RANDOM / 32768 }")"
  if kill -9 "$pid" 2> /dev/null; then ((++done)); fi
  if wait "$pid" 2> /dev/null; then
    ((++ends))
    for file in one/shard-* one/cache.json; do cmp "$file" "features/$(basename "$file")"; done
    [[ $(ls features/shard-* | wc -l) == "$total" && -z $(find features -name '.*.tmp') ]]
    rm -rf features && mkdir features
  else
    after=$(count)
    ((after >= before)) || { echo "a finished shard was lost: $before before, $after after"; cat out.log; exit 1; }
  fi
done
$ortpeft $cache --out features > /dev/null
for file in one/shard-* one/cache.json; do cmp "$file" "features/$(basename "$file")"; done
echo "$done kills, $((ends + 1)) times to the end: $total shards and the manifest had the bytes of an undisturbed run each time"
