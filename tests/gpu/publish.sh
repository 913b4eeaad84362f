#!/usr/bin/env bash
# Makes tests/gpu/parts/: the program with everything it needs but CUDA and cuDNN, in parts below 64 MiB. Needs the SDK and the packages.
# Usage: tests/gpu/publish.sh [FLAVOUR]   default: gpu, from NuGet (about 600 MB of packages are fetched once). cpu proves the way without a GPU.
set -euo pipefail
cd "$(dirname "$0")"
flavour=${1:-gpu}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet publish OrtPeft.Gpu.csproj --nologo -v q --self-contained -r linux-x64 -p:OrtSource=nuget -p:OrtFlavor="$flavour" --artifacts-path "$work/build" -o "$work/ortpeft-gpu"
# TensorRT is not used; symbols are not needed to run.
rm -f "$work"/ortpeft-gpu/libonnxruntime_providers_tensorrt.so "$work"/ortpeft-gpu/*.pdb
rm -rf parts
mkdir parts
tar -C "$work" -czf - ortpeft-gpu | split --bytes=60M --numeric-suffixes - parts/part-
cp run.sh parts/
du -h parts/*
