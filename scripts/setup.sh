#!/usr/bin/env bash
# What gridmap needs on this machine: packages of the distribution, then .venv from the hashed lock.
# Usage: scripts/setup.sh venv|run|test. Made for `make`; with everything in place it takes a moment.
# Heeds GRIDMAP_PYTHON, GRIDMAP_CHROMIUM, GRIDMAP_PG_BINDIR, GRIDMAP_DATABASE_URL.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}
log=$(mktemp)
child=

say() { echo "gridmap: $*"; }
fail() { echo "gridmap: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
privileged() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# make hands a TERM on to this script only, and pip must not be left behind. (apt-get runs in the foreground
# instead: bash waits for it, because a package manager must not be shot in the middle.)
trap '[ -z "$child" ] || kill "$child" 2>/dev/null || true; exit 130' INT TERM HUP
trap 'rm -f "$log"' EXIT
logged() { "$@" >>"$log" 2>&1 & child=$!; local code=0; wait "$child" || code=$?; child=; return "$code"; }

suits() { "$1" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; }

find_python() { # with "venv": one that can make a virtual environment
    local candidate
    for candidate in ${GRIDMAP_PYTHON:-} python3 python3.13 python3.12 python3.11; do
        suits "$candidate" || continue
        [ "${1:-}" != venv ] || "$candidate" -c "import ensurepip, venv" 2>/dev/null || continue
        echo "$candidate"
        return
    done
    return 1
}

has_postgis() {
    [ -z "${GRIDMAP_PG_BINDIR:-}" ] || return 0 # the service itself says what is wrong with it
    local control version bin share
    for control in /usr/share/postgresql/*/extension/postgis.control; do
        version=${control#/usr/share/postgresql/}
        [ ! -x "/usr/lib/postgresql/${version%%/*}/bin/initdb" ] || return 0
    done
    bin=$(readlink -f "$(command -v postgres)") || return 1 # elsewhere installed; it may lack PostGIS
    bin=${bin%/*} version=${bin%/bin}
    share=$("$bin/pg_config" --sharedir 2>/dev/null) || share=/usr/share/postgresql/${version##*/}
    [ -e "$share/extension/postgis.control" ]
}

has_chromium() { # on Ubuntu or where there is no apt-get, any; else Debian's headless shell (why: chromium.py)
    [ -z "${GRIDMAP_CHROMIUM:-}" ] || return 0
    have chromium-headless-shell && return
    on_ubuntu || ! have apt-get || return 1
    have chromium || have chromium-browser || have google-chrome || have google-chrome-stable
}

on_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }

python_package() { # Ubuntu 22.04's own python3 is 3.10; otherwise the venv module of the Python that suits
    local python version
    if python=$(find_python) && [ "$(command -v "$python")" = "/usr/bin/$python" ]; then
        version=$("$python" -c "import sys; print('%d.%d' % sys.version_info[:2])")
        [ "$python" = python3 ] && echo python3-venv || echo "python$version-venv"
    elif grep -qs '^VERSION_ID="22.04"' /etc/os-release; then
        echo python3.11-venv
    else
        echo python3-venv
    fi
}

missing_packages() {
    venv_is_ready || find_python venv >/dev/null || python_package
    if [ "$purpose" = test ] || { [ "$purpose" = run ] && [ -z "${GRIDMAP_DATABASE_URL:-}" ]; }; then
        has_postgis || echo postgresql-postgis
    fi
    if [ "$purpose" = test ]; then
        has_chromium || on_ubuntu || echo chromium-headless-shell
        have pdftoppm || echo poppler-utils
    fi
}

no_own_cluster() { # else Debian would start a cluster of its own on port 5432 when the server is installed
    local folder=/etc/postgresql-common/createcluster.d
    if compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; then return; fi
    if grep -qsr '^[[:space:]]*create_main_cluster' "$folder" "${folder%.d}.conf"; then return; fi
    privileged mkdir -p "$folder"
    echo "create_main_cluster = false" | privileged tee "$folder/gridmap.conf" >/dev/null
}

install_packages() {
    local install=(apt-get install -y --no-install-recommends "$@")
    local by_hand="run as root:  apt-get update && ${install[*]}"
    have apt-get || fail "these are needed and there is no apt-get here: $*. Install them your system's way."
    if [ "$(id -u)" != 0 ]; then
        have sudo || fail "these are needed and there is no sudo here: $*. Have an administrator $by_hand"
        sudo -n true 2>/dev/null || [ -t 2 ] || fail "sudo asks for a password. Have an administrator $by_hand"
    fi
    say "installing $* (apt-get)"
    case " $* " in *" postgresql-postgis "*) no_own_cluster || fail "could not become root. Please $by_hand" ;; esac
    # A failed update is no reason to stop: the lists that are there may do.
    privileged env DEBIAN_FRONTEND=noninteractive apt-get -q update >>"$log" 2>&1 || true
    privileged env DEBIAN_FRONTEND=noninteractive "${install[@]}" -q -o DPkg::Lock::Timeout=300 >>"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        fail "apt-get could not install $*. Please $by_hand"
    }
}

install_ubuntu_chromium() { # a snap there
    local by_hand="run:  sudo snap install chromium  (or set GRIDMAP_CHROMIUM to a Chromium or Chrome)"
    have snap || fail "the tests need Chromium. Please $by_hand"
    say "installing chromium (snap)"
    privileged snap install chromium >>"$log" 2>&1 || { tail -n 5 "$log" >&2; fail "snap could not. Please $by_hand"; }
}

venv_stamp() { pwd; sha256sum requirements.lock pyproject.toml; }

venv_is_ready() {
    [ "$(cat .venv/ready 2>/dev/null)" = "$(venv_stamp)" ] && .venv/bin/python -c "" 2>/dev/null
}

pip_install() {
    logged .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check "$@" && return
    tail -n 15 "$log" >&2
    fail "pip could not install the Python packages (is there a network?); run the same command again"
}

make_venv() { # anew where there is none, or an earlier set-up was broken off; else what is there is kept
    if [ ! -e .venv/unfinished ] && suits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "bringing .venv up to requirements.lock"
        touch .venv/unfinished
    else
        local python
        python=$(find_python venv) || fail "Python 3.11 or newer with venv is needed; set GRIDMAP_PYTHON to one"
        say "making .venv from requirements.lock with $("$python" --version) (a minute or two)"
        logged "$python" -m venv --clear .venv || { cat "$log" >&2; fail "$python could not make .venv"; }
        touch .venv/unfinished
    fi
    pip_install --require-hashes -r requirements.lock
    pip_install --no-deps --no-build-isolation -e .
    venv_stamp >.venv/ready
    rm .venv/unfinished
}

exec 9<requirements.lock # two `make` at once: the second waits for the first
flock -n 9 || { say "waiting for another set-up to end"; flock 9; }
mapfile -t missing < <(missing_packages)
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
[ "$purpose" != test ] || has_chromium || install_ubuntu_chromium
venv_is_ready || make_venv
