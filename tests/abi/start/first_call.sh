#!/bin/sh
# Runs first_call for every symbol at every moment, each in a process of its own.
#   first_call.sh <program> <library to preload, or "">
# With METE_LIBRARY set a missing symbol is a failure; otherwise it is one that this allocator lacks.
program=$1
library=$2
failures=0
calls=0
for symbol in $("$program" --list); do
  for moment in main preinit exit child; do
    calls=$((calls + 1))
    output=$(LD_PRELOAD=$library "$program" "$symbol" "$moment" 2>&1)
    status=$?
    [ "$status" -eq 0 ] && continue
    if [ "$status" -eq 77 ]; then
      [ -z "$METE_LIBRARY" ] && continue
      output="not exported"
    fi
    failures=$((failures + 1))
    echo "$symbol first called at $moment: status $status: $output"
  done
done
echo "$calls first calls, $failures failures"
[ "$calls" -gt 100 ] && [ "$failures" -eq 0 ]
