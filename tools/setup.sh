#!/usr/bin/env bash
# Installs what building, testing and running Lintel needs on Debian 12, if anything of it is missing.
set -euo pipefail
packages=(g++ cmake ninja-build ccache pkg-config python3 erlang-base erlang-dev elixir
          libmimalloc-dev libuv1-dev libre2-dev libpcre2-dev libgmp-dev zlib1g-dev
          libgtest-dev libbenchmark-dev libcli11-dev)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "setup: all packages are installed"
    exit 0
fi
echo "setup: installing ${missing[*]}"
sudo=()
if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
