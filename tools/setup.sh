#!/bin/sh
# Makes .venv with everything that requirements/dev.txt locks. Does nothing, in milliseconds, when it is there.
# PYTHON names the interpreter to use; without it, the first python3 that is new enough.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/.complete
wanted="$(pwd)
$(cksum requirements/dev.txt pyproject.toml tools/setup.sh)"

new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        new_enough "$candidate" || continue
        found=$candidate
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null && return 0
    done
    if [ -n "${found:-}" ]; then
        echo "$found has no venv module, which .venv is made with." >&2
        echo "Debian and Ubuntu keep it apart: apt install python3-venv" >&2
    else
        there=$("${PYTHON:-python3}" --version 2>/dev/null || echo "no ${PYTHON:-python3} that runs")
        echo "Python 3.11 or newer is needed; found: $there." >&2
        echo "Install it (python.org, apt install python3, brew install python), or name it: make PYTHON=/path/to/python3" >&2
    fi
    exit 1
}

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi
# A folder that moved, or whose Python is gone, can't be repaired: its scripts name the old place.
if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$(pwd)" ] && .venv/bin/python -c '' 2>/dev/null; then
    rm "$stamp"
else
    rm -rf .venv
    find_python
    echo "Making .venv with $("$found" --version 2>&1)" >&2
    "$found" -m venv .venv
fi

if [ ! -x .venv/bin/uv ]; then
    echo "Installing uv" >&2
    awk '/^[A-Za-z0-9]/ { keep = /^uv==/ } keep' requirements/dev.txt >.venv/uv.txt
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt
fi
echo "Installing what requirements/dev.txt locks" >&2
.venv/bin/uv pip sync --python .venv --require-hashes requirements/dev.txt
# `compat` puts this folder on the path as it is: a new package needs no new installation.
# setuptools' lock stays where it was taken: in .venv, not among everybody's temporary files.
TMPDIR="$(pwd)/.venv" .venv/bin/uv pip install -q --python .venv --no-deps --no-build-isolation -C editable_mode=compat -e .
echo "Compiling what a first run imports" >&2
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
for package in ministack hypercorn boto3; do
    .venv/bin/python -m compileall -q "$packages/$package" &
done
.venv/bin/backplane preview >/dev/null 2>&1 || true # whether it works is for the commands themselves to say
wait
printf '%s\n' "$wanted" >"$stamp"
