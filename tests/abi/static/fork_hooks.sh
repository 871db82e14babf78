#!/bin/sh
# A static program of glibc makes its heap safe across fork by calling these. The references are weak: they
# find what is linked anyway, but pull nothing out of an archive, so mete's have to come along with its malloc.
#   fork_hooks.sh <program>...
failures=0
for program in "$@"; do
  for name in __malloc_fork_lock_parent __malloc_fork_unlock_parent __malloc_fork_unlock_child; do
    if ! nm "$program" | grep -qw "[TW] $name"; then
      echo "$program has no $name"
      failures=$((failures + 1))
    fi
  done
done
[ $# -gt 0 ] && [ "$failures" -eq 0 ]
