#!/bin/sh
# install.sh NAME DIRECTORY: makes DIRECTORY a virtual environment with exactly requirements/NAME.txt.
# A second run with the same lock file does nothing; make decides that by the file `installed` in it.
set -eu
cd "$(dirname "$0")/.."
name=$1
directory=$2
lock=requirements/$name.txt
started=$(date +%s)

python=$(local/find-python.sh)
printf '==> Installing the %s environment into %s\n' "$name" "$directory"

fail() {
    printf 'Could not install requirements/%s.txt. The reason is above: most often the package index\n' "$name" >&2
    printf 'cannot be reached (pip reads PIP_INDEX_URL, uv reads UV_DEFAULT_INDEX). Then try again.\n' >&2
    exit 1
}

# A half-made environment from an interrupted run would pass for a whole one.
rm -rf "$directory"
"$python" -m venv "$directory" || fail

uv=.local/venvs/uv/bin/uv
if [ ! -x "$uv" ]; then
    "$python" -m venv .local/venvs/uv || fail
    .local/venvs/uv/bin/python -m pip install -q --disable-pip-version-check \
        --require-hashes -r requirements/uv.txt || uv=
fi

# uv takes seconds where pip takes a minute; where only pip knows the index, pip does it.
if [ -z "$uv" ] || ! "$uv" pip install -q \
    --python "$directory/bin/python" --require-hashes -r "$lock"; then
    "$directory/bin/python" -m pip install -q --disable-pip-version-check \
        --require-hashes -r "$lock" || fail
fi

touch "$directory/installed"
printf '    done in %s s\n' $(($(date +%s) - started))
