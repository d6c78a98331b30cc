#!/usr/bin/env bash
# Debian's source package of an OTP release, unpacked: its suites are in DIR/otp/lib/*/test and DIR/otp/erts/emulator/test. Nothing is installed.
#
#     conformance/fetch_sources.sh 25|27|29 DIR
#
# What DIR has already is kept. Exit status 3: the package could not be had.
set -euo pipefail
[ $# -eq 2 ] || { sed -n '4p' "$0" >&2; exit 2; }
case $1 in
    25) suite=bookworm ;;
    27) suite=trixie ;;
    29) suite=forky ;;
    *) echo "fetch_sources: what suite of Debian has OTP $1? (25, 27, 29)" >&2; exit 2 ;;
esac
release=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
[ ! -e "$folder/otp/.complete" ] || exit 0
mirror=${LINTEL_DEBIAN_MIRROR:-http://deb.debian.org/debian}
apt="$folder/apt"
mkdir -p "$apt"/{lists/partial,cache/archives/partial,source}
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/sources.list"
private_apt() {
    apt-get -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::status=/dev/null \
        -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@"
}
{ private_apt update -o APT::Update::Error-Mode=any && (cd "$apt/source" && private_apt source --download-only --only-source erlang); } ||
    { echo "fetch_sources: the source package of OTP $release could not be fetched from $mirror" >&2; exit 3; }
rm -rf "$folder/otp"
mkdir "$folder/otp"
tar -xf "$apt"/source/erlang_*.orig.tar.* -C "$folder/otp" --strip-components=1
touch "$folder/otp/.complete"
rm -rf "$apt"
