#!/usr/bin/env bash
# Puts the parts beside it together and runs the program. Needs the NVIDIA driver, CUDA 13 and cuDNN 9, and neither SDK nor packages.
# Usage: run.sh FOLDER [OPTION ...]   FOLDER gets gpu.json and gpu.md; options: --provider cuda (default), --device N, --quick, ...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
[[ -x $here/ortpeft-gpu/OrtPeft.Gpu ]] || cat "$here"/part-* | tar -C "$here" -xzf -
# Where CUDA and cuDNN lie when they were not put on the library path: the toolkit, and what pip installed.
for folder in /usr/local/cuda/lib64 $(compgen -G '/usr/lib/python3*/site-packages/nvidia/*/lib') $(compgen -G '/usr/local/lib/python3*/*-packages/nvidia/*/lib'); do
  export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder"
done
[[ " $* " == *" --provider"* ]] || set -- --provider cuda "$@"
exec "$here/ortpeft-gpu/OrtPeft.Gpu" --out "$out" "$@"
