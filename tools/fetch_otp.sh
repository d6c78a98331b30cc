#!/usr/bin/env bash
# Unpacks an OTP of another release beside the system, with the Elixir that Debian has for it: nothing is installed, and root is not needed.
#
#     tools/fetch_otp.sh 27|29 DIR [PACKAGE…]
#
# DIR/usr/lib/erlang is then the release (for LINTEL_OTP_ROOT), and DIR/programs has its erl, erlc, escript, elixir, which run: scripts in the
# places of the compiled programs start these with the C library that was unpacked with them. PACKAGEs (erlang-mnesia, …) come in addition.
# What DIR has already is kept. Exit status 3: the packages could not be had.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '4p' "$0" >&2; exit 2; }
. "$(dirname "$0")/private_apt.sh"
case $1 in
    27 | 29) suite=$(suite_of_otp "$1") ;;
    *) echo "fetch_otp: what suite of Debian has OTP $1? (27, 29)" >&2; exit 2 ;;
esac
release=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
shift 2
packages=(erlang-base erlang-dev erlang-eunit erlang-inets erlang-observer erlang-parsetools erlang-runtime-tools erlang-syntax-tools erlang-tools elixir
          libc6 libcap2 libgcc-s1 libsctp1 libstdc++6 libsystemd0 libtinfo6 zlib1g "$@")

missing=()
mkdir -p "$folder/unpacked"
for package in "${packages[@]}"; do
    [ -f "$folder/unpacked/$package" ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt="$folder/apt"
    mkdir -p "$apt/deb"
    { private_apt "$apt" "deb $suite" update -o APT::Update::Error-Mode=any &&
        (cd "$apt/deb" && private_apt "$apt" "deb $suite" download "${missing[@]}"); } ||
        { echo "fetch_otp: the packages of OTP $release could not be fetched from $(debian_mirror)" >&2; exit 3; }
    for file in "$apt"/deb/*.deb; do
        dpkg -x "$file" "$folder"
    done
    for package in "${missing[@]}"; do touch "$folder/unpacked/$package"; done
    rm -rf "$apt"
fi

root="$folder/usr/lib/erlang"
programs="$folder/programs"
libraries="$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu"
loader=$(find "$folder" -name ld-linux-x86-64.so.2 | head -1)
mkdir -p "$folder/compiled" "$programs"
for file in "$root"/erts-*/bin/*; do
    name=$(basename "$file")
    [ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || continue
    mv "$file" "$folder/compiled/$name"
    cat > "$file" <<END
#!/bin/sh
exec "$loader" --library-path "$libraries" --argv0 "\$0" "$folder/compiled/$name" "\$@"
END
    chmod +x "$file"
done
cat > "$programs/erl" <<END
#!/bin/sh
ROOTDIR="$root" BINDIR="$(echo "$root"/erts-*/bin)" EMU=beam PROGNAME=erl
export ROOTDIR BINDIR EMU PROGNAME
exec "\$BINDIR/erlexec" "\$@"
END
chmod +x "$programs/erl"
ln -sf "$root"/erts-*/bin/{erlc,escript,epmd} "$folder"/usr/lib/elixir/bin/{elixir,elixirc,iex,mix} "$programs"
echo "fetch_otp: OTP $(cat "$root/releases/$release/OTP_VERSION") in $root"
