#!/usr/bin/env bash
# Builds `ortpeft` once for each source and flavour of ONNX Runtime, and says of those that cannot be built what could not be had.
# Usage: tests/flavours.sh [SOURCE/FLAVOUR ...]   default: all. Fetches up to some gigabytes of packages.
set -uo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for each in ${@:-npm/cpu npm/gpu nuget/cpu nuget/gpu nuget/directml nuget/training}; do
  if dotnet build src/OrtPeft.Cli --nologo -v q --artifacts-path "$work/${each/\//-}" -p:OrtSource="${each%/*}" -p:OrtFlavor="${each#*/}" > "$work/log" 2>&1; then
    echo "$each: built"
  else
    echo "$each: $(grep -m 1 -oE 'error [^[]*' "$work/log")"
    failed=1
  fi
done
exit $failed
