#!/bin/sh
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Gets a fresh Debian machine ready for the commands of the Makefile. Where all is there already, it does nothing.
#
#   sh tests/prepare.sh VENV [PACKAGES]
#
# VENV      the virtual environment to make, which gets what requirements.txt names
# PACKAGES  a file of Debian packages, one a line, whose programs have to be there as well

set -eu
cd "$(dirname "$0")/.."
venv=$1
packages=${2:-/dev/null}
log=build/prepare.log

# A plain user's path lacks the folders of the administrator's programs.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

fail() {
    printf 'prepare: %s\n' "$@" >&2
    exit 1
}

# Print a Python that Ansible can run with. A name on the path may be a shim that leads nowhere.
find_python() {
    for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
}

# Print the Debian packages that are needed to make a virtual environment.
python_packages() {
    python=$(find_python)
    if [ -z "$python" ]; then
        echo python3 python3-venv
    elif ! "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
    fi
}

# Print those of the listed packages whose program, or file, is not here, whoever brought it.
missing_packages() {
    while read -r package; do
        case $package in
            nftables) program=nft ;;
            iproute2) program=ip ;;
            7zip) program=7zz ;;
            fail2ban) program=fail2ban-regex ;;
            libnginx-mod-stream) program=/usr/lib/nginx/modules/ngx_stream_module.so ;;
            *) program=$package ;;
        esac
        command -v "$program" >/dev/null || [ -e "$program" ] || echo "$package"
    done <"$packages"
}

# Run a command with all that it says in the log; show that when it fails.
logged() {
    mkdir -p build
    "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        return 1
    }
}

install_packages() {
    if ! command -v apt-get >/dev/null; then
        fail "this is no Debian machine (there is no apt-get), and something is missing here." \
            "By Debian's names of the packages: $*" "Bring that here in this system's own way, then try again."
    fi
    if [ "$(id -u)" -ne 0 ]; then
        fail "Debian packages are missing here: $*" "Only root can install them. As root: apt-get install $*"
    fi
    echo "prepare: Debian packages: $*"
    # A source that does not answer is told, but is no fault where the others have the packages.
    logged apt-get update || true
    export DEBIAN_FRONTEND=noninteractive
    logged apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" ||
        fail "these Debian packages could not be installed: $*"
}

# Print what the environment cannot outlive: the scripts in it name its folder, and its folders the Python.
place() {
    pwd -P
    "$venv/bin/python" --version 2>&1
}

# Print what it has to hold.
content() {
    cksum <requirements.txt
}

ready=$venv/ready
renew=
[ "$(head -n 2 "$ready" 2>/dev/null)" = "$(place)" ] || renew=yes

missing=$(missing_packages; [ -z "$renew" ] || python_packages)
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # one word a package
    install_packages $missing
fi

if [ -n "$renew" ]; then
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11 or newer is needed, and this system has none."
    "$python" -m venv --clear "$venv"
    # Molecule looks for Ansible's programs on the path, and nobody has to have activated the environment.
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo 'import os, sys; os.environ["PATH"] = sys.prefix + "/bin:" + os.environ.get("PATH", os.defpath)' \
        >"$site/own_programs_first.pth"
fi
if [ "$(tail -n +3 "$ready" 2>/dev/null)" != "$(content)" ]; then
    echo "prepare: Python packages of requirements.txt into $venv"
    logged "$venv/bin/python" -m pip install --no-cache-dir --no-compile -r requirements.txt ||
        fail "the Python packages of requirements.txt could not be installed"
    { place && content; } >"$ready"
fi
