#!/bin/sh
# Turns requirements.in and requirements-dev.in into exact, hashed pins: one lock for all platforms.
# The compiler lives in a throw-away environment, because nothing else of the project needs it.
set -eu
tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
.venv/bin/python -m venv "$tool"
"$tool/bin/pip" install --quiet --disable-pip-version-check uv
for name in requirements requirements-dev; do
    "$tool/bin/uv" --no-config pip compile --quiet --upgrade --universal --python-version 3.11 \
        --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" --output-file "$name.txt" "$name.in"
done
.venv/bin/python deploy/bootstrap.py --dev
.venv/bin/python deploy/notices.py
