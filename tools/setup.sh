#!/usr/bin/env bash
# Installs what building, testing and running Lintel needs on Debian 12, if anything of it is missing.
#     tools/setup.sh [--dev]      also clang and its tools: for the fuzz preset, the format and clang-tidy checks
set -euo pipefail
packages=(g++ cmake ninja-build ccache pkg-config python3 python3-pyte mandoc dpkg-dev erlang-base erlang-dev elixir
          erlang-src erlang-eunit erlang-common-test rebar3
          erlang-asn1 erlang-crypto erlang-inets erlang-mnesia erlang-observer erlang-runtime-tools erlang-ssh erlang-ssl erlang-tools
          libmimalloc-dev libuv1-dev libre2-dev libpcre2-dev libgmp-dev zlib1g-dev libzstd-dev libunibilium-dev libsodium-dev
          libasmjit-dev libgtest-dev libbenchmark-dev libcli11-dev)
case "${1:-}" in
    "") ;;
    --dev) packages+=(clang clang-format clang-tidy valgrind chromium) ;;
    *) echo "setup: what is $1? (--dev)" >&2; exit 2 ;;
esac
if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
    echo "setup: there is no apt-get here. Install what these packages of Debian 12 hold: ${packages[*]}" >&2
    exit 1
fi
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "setup: all ${#packages[@]} packages are installed"
    exit 0
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || { echo "setup: missing are ${missing[*]}; run this as root, or install sudo" >&2; exit 1; }
    sudo=(sudo)
fi
echo "setup: installing ${#missing[@]} of ${#packages[@]} packages: ${missing[*]}"
"${sudo[@]}" apt-get update -qq || echo "setup: the package lists could not be renewed; going on with those that are here" >&2
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" |
    sed -n 's/^Setting up \([^ ]*\).*/setup: \1/p'
for package in "${missing[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' ||
        { echo "setup: $package could not be installed" >&2; exit 1; }
done
echo "setup: done"
