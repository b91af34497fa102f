#!/bin/sh
# Prints the path of a Python that can make the virtual environment, or says in one line what is
# missing. A name on the PATH proves nothing (version managers leave shims behind), so each is run.
old=
bare=
for name in ${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3}; do
    path=$(command -v "$name") || continue
    version=$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        old="$version ($path)"
    elif ! "$path" -c 'import ensurepip, venv' 2>/dev/null; then
        bare=$version
    else
        echo "$path"
        exit 0
    fi
done
if [ -n "$bare" ]; then
    echo "Python $bare lacks its venv module. Install it (on Debian or Ubuntu: apt install python$bare-venv) and try again." >&2
elif [ -n "$old" ]; then
    echo "Python 3.11 or newer is needed; found only $old. Install one, or name it: make run PYTHON=/path/to/python3" >&2
else
    echo "Python 3.11 or newer is needed; none was found. Install one, or name it: make run PYTHON=/path/to/python3" >&2
fi
exit 1
