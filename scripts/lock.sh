#!/bin/sh
# Rebuild requirements/*.txt from the ranges in pyproject.toml: exact versions with the hashes of
# all their files, and no address of the index they came from. Run by `make lock`.
set -eu
cd "$(dirname "$0")/.."

compile() {
    output=requirements/$1
    shift
    echo "Resolving $output (a minute or two) ..."
    .venv/bin/pip-compile --quiet --no-config --upgrade --generate-hashes --allow-unsafe \
        --strip-extras --no-header --annotation-style=line \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
        --build-deps-for editable "$@" --output-file "$output" pyproject.toml
    echo "$output: $(grep -c '==' "$output") packages"
}

compile run.txt
compile test.txt --extra test --constraint requirements/run.txt
