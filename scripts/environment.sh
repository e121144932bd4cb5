#!/bin/sh
# Make .venv hold exactly what requirements/<set>.txt locks, and the project itself.
#
# usage: sh scripts/environment.sh run|test
#
# Does nothing when that has been done already: a stamp, written last, names what was installed, so
# an installation that was interrupted or whose lock has changed is done again.
set -eu
cd "$(dirname "$0")/.."
set_name=$1
lock=requirements/$set_name.txt
venv=.venv
stamp=$venv/installed-$set_name
log=$venv/install-$set_name.log

stop() {
    echo "soundings: $1" >&2
    exit 1
}

suits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# A name may be on the PATH and yet not run (version managers leave such names), so each is tried.
find_python() {
    found=
    for python in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if suits "$python"; then
            found=$python
            "$python" -c 'import ensurepip, venv' 2>/dev/null && return
        fi
    done
    [ -z "$found" ] || stop "$("$found" --version) has no venv module, which is needed.
On Debian or Ubuntu: sudo apt install python3-venv. Then run this again."
    stop "needs Python 3.11 or newer, and found none.
Install one (on Debian or Ubuntu: sudo apt install python3 python3-venv), then run this again."
}

wanted() {
    "$venv/bin/python" - "$lock" pyproject.toml <<'PYTHON'
import hashlib
import pathlib
import sys

# The folder counts too: an editable installation and the scripts in .venv name it.
parts = [sys.version, str(pathlib.Path.cwd())]
parts += [pathlib.Path(name).read_text(encoding="utf-8") for name in sys.argv[1:]]
print(hashlib.sha256("\0".join(parts).encode()).hexdigest())
PYTHON
}

if suits "$venv/bin/python" && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ]; then
    exit 0
fi

if ! suits "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    find_python
    echo "Creating $venv with $("$python" --version) ..."
    "$python" -m venv --clear "$venv" >/dev/null 2>&1 || stop "$("$python" --version) could not \
create the environment $venv.
Check that this folder can be written and that the disk is not full, then run this again."
fi

rm -f "$stamp"
echo "Installing $(grep -c '==' "$lock") packages from $lock (a minute or two, only this once) ..."
install() {
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input "$@" >>"$log" 2>&1
}
: >"$log"
install --require-hashes --requirement "$lock" || stop "the packages could not be installed, most \
often because the package index could not be reached.
Check the network connection (or pip's own settings), then run this again. What pip said: $log"
install --no-deps --no-build-isolation --editable . || stop "the project itself could not be \
installed into $venv. What pip said: $log"

wanted >"$stamp.new"
mv "$stamp.new" "$stamp"
