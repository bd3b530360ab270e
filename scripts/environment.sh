# Sourced by the other scripts. Leaves $root, the checkout, and $python, that of its environment .venv, which is made
# from requirements.lock on first use and again when the lock, pyproject.toml or the checkout's place has changed.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd -P)
python=$root/.venv/bin/python

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# What .venv was made for; an environment holds absolute paths, so it does not move along with a checkout.
wanted_stamp() {
    printf '%s\n' "$root"
    cat -- "$root/requirements.lock" "$root/pyproject.toml" | cksum
}

# Prints a Python that will do. Each is tried: a name on the path may stand for a version that is not installed.
find_python() {
    local name too_bare=
    for name in python3.13 python3.12 python3.11 python3; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        if "$name" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            printf '%s\n' "$name"
            return
        fi
        too_bare=$name
    done
    [ -z "$too_bare" ] || fail "$too_bare has no venv module; install it (on Debian and Ubuntu the package $too_bare-venv)"
    fail "no Python 3.11 or later found; install one so that python3.11 or python3 runs it"
}

make_environment() {
    local base
    base=$(find_python)
    printf 'Making the environment %s (once, a few minutes)\n' "$root/.venv" >&2
    "$base" -m venv --clear "$root/.venv" >&2 || fail "$base could not make $root/.venv; see the lines above"
    "$python" -m pip install --quiet --no-deps --requirement "$root/requirements.lock" >&2 ||
        fail "the libraries of requirements.lock could not be installed; see the lines above, then try again"
    "$python" -m pip install --quiet --no-deps --no-build-isolation --editable "$root" >&2 ||
        fail "the project could not be installed in its environment; see the lines above"
    wanted_stamp >"$root/.venv/stamp"
}

if [ "$(cat "$root/.venv/stamp" 2>/dev/null)" != "$(wanted_stamp)" ] || ! "$python" -c '' >/dev/null 2>&1; then
    make_environment
fi
