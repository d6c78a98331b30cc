#!/usr/bin/env bash
# Debian's source package of an OTP release, unpacked: its suites are in DIR/otp/lib/*/test and DIR/otp/erts/emulator/test. Nothing is installed.
#
#     conformance/fetch_sources.sh 25|27|29 DIR
#
# What DIR has already is kept. Exit status 3: the package could not be had.
set -euo pipefail
[ $# -eq 2 ] || { sed -n '4p' "$0" >&2; exit 2; }
. "$(dirname "$0")/../tools/private_apt.sh"
suite=$(suite_of_otp "$1") || { echo "fetch_sources: what suite of Debian has OTP $1? (25, 27, 29)" >&2; exit 2; }
release=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
[ ! -e "$folder/otp/.complete" ] || exit 0
apt="$folder/apt"
mkdir -p "$apt/source"
{ private_apt "$apt" "deb-src $suite" update -o APT::Update::Error-Mode=any &&
    (cd "$apt/source" && private_apt "$apt" "deb-src $suite" source --download-only --only-source --tar-only erlang); } ||
    { echo "fetch_sources: the source package of OTP $release could not be fetched from $(debian_mirror)" >&2; exit 3; }
rm -rf "$folder/otp"
mkdir "$folder/otp"
tar -xf "$apt"/source/erlang_*.orig.tar.* -C "$folder/otp" --strip-components=1
touch "$folder/otp/.complete"
rm -rf "$apt"
