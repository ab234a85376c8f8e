#!/bin/sh
# Prints the path of a Python 3.13 that runs: the minor version of the Lambda runtime, so that wheels
# and bytecode built here load there. HOOKLINE_PYTHON names one explicitly.
set -eu

is_313() { "$1" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1; }

# A version manager's shim is on PATH even when it cannot run: each candidate is tried.
for candidate in "${HOOKLINE_PYTHON:-}" python3.13 python3 python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 \
    "$HOME"/.local/share/uv/python/cpython-3.13*/bin/python3.13; do
    if [ -n "$candidate" ] && is_313 "$candidate"; then
        "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
        exit 0
    fi
done

if command -v uv >/dev/null 2>&1 && uv python install 3.13 >&2; then
    uv python find 3.13
    exit 0
fi

cat >&2 <<'MESSAGE'
Hookline needs Python 3.13 and found none that runs.
  Install it (python.org, your package manager, `pyenv install 3.13` or `uv python install 3.13`)
  or name one: HOOKLINE_PYTHON=/path/to/python3.13 make run
MESSAGE
exit 1
