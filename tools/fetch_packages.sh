#!/usr/bin/env bash
# Unpacks Debian packages with what they need and the system lacks: nothing is installed, and root is not needed.
#
#     tools/fetch_packages.sh DIR PACKAGE…
#
# The files are then in DIR/usr, …; DIR is made anew. Exit status 3: the packages could not be had.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '4p' "$0" >&2; exit 2; }
rm -rf "$1"
mkdir -p "$1/archives"
folder=$(cd "$1" && pwd)
shift
mapfile -t missing < <(apt-get install --dry-run --no-install-recommends "$@" 2> /dev/null | sed -n 's/^Inst \([^ ]*\).*/\1/p')
# What is installed lies elsewhere: it is fetched as well.
for package in "$@"; do
    [[ " ${missing[*]} " == *" $package "* ]] || missing+=("$package")
done
(cd "$folder/archives" && apt-get -qq download "${missing[@]}") || { echo "fetch_packages: $* could not be fetched" >&2; exit 3; }
for file in "$folder"/archives/*.deb; do dpkg -x "$file" "$folder"; done
rm -rf "$folder/archives"
echo "fetch_packages: ${#missing[@]} packages are in $folder"
