#!/usr/bin/env bash
# Debian's source package of an OTP release, unpacked: its suites are in DIR/otp/lib/*/test and DIR/otp/erts/emulator/test. Nothing is installed.
#
#     conformance/fetch_sources.sh 25|27|29 DIR [otp|elixir]      elixir: of the Elixir that Debian has for it, in DIR/elixir
#
# What DIR has already is kept. Exit status 3: the package could not be had.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '4p' "$0" >&2; exit 2; }
. "$(dirname "$0")/../tools/private_apt.sh"
suite=$(suite_of_otp "$1") || { echo "fetch_sources: what suite of Debian has OTP $1? (25, 27, 29)" >&2; exit 2; }
case ${3:-otp} in
    otp) package=erlang ;;
    elixir) package=elixir-lang ;;
    *) echo "fetch_sources: what is $3? (elixir)" >&2; exit 2 ;;
esac
release=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
unpacked="$folder/${3:-otp}"
[ ! -e "$unpacked/.complete" ] || exit 0
apt="$folder/apt"
rm -rf "$apt"
mkdir -p "$apt/source"
# The tarball alone: Debian's own changes to it are gone from mirrors before it is.
{ private_apt "$apt" "deb-src $suite" update -o APT::Update::Error-Mode=any &&
    (cd "$apt/source" && private_apt "$apt" "deb-src $suite" source --download-only --only-source --tar-only $package); } ||
    { echo "fetch_sources: the source package $package of OTP $release could not be fetched from $(debian_mirror)" >&2; exit 3; }
rm -rf "$unpacked"
mkdir "$unpacked"
tar -xf "$apt"/source/"$package"_*.orig.tar.* -C "$unpacked" --strip-components=1
touch "$unpacked/.complete"
rm -rf "$apt"
