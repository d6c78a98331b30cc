# To be sourced by what takes packages from another suite of Debian: nothing of the system's apt is used or changed, and root is not needed.

# private_apt FOLDER LINE ARGUMENT…: apt-get with a system of its own in FOLDER, of which nothing is installed, and whose one source is LINE, a
# word (deb or deb-src) and a suite: "deb trixie". LINTEL_DEBIAN_MIRROR: where packages come from.
private_apt() {
    local folder=$1 kind=${2% *} suite=${2#* }
    shift 2
    mkdir -p "$folder"/{lists/partial,cache/archives/partial}
    echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $suite main" > "$folder/sources.list"
    apt-get -qq -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::status=/dev/null \
        -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@"
}
debian_mirror() { echo "${LINTEL_DEBIAN_MIRROR:-http://deb.debian.org/debian}"; }

# The suite of Debian that has this release of OTP; status 1: none that is known.
suite_of_otp() {
    case $1 in
        25) echo bookworm ;;
        27) echo trixie ;;
        29) echo forky ;;
        *) return 1 ;;
    esac
}
