#!/bin/sh
# No program named may contain anything of the C library's own allocator: the names are local to
# glibc's malloc.o (_int_malloc, sysmalloc, main_arena) and to musl's (mallocng and the bump allocator).
#   one_allocator.sh <program>...
failures=0
for program in "$@"; do
  symbols=$(nm "$program") || exit 1
  case $symbols in
    *" T malloc"* | *" W malloc"*) ;;
    *) echo "$program has no malloc of its own"; failures=$((failures + 1)) ;;
  esac
  for name in _int_malloc sysmalloc main_arena __malloc_alloc_meta __simple_malloc; do
    if echo "$symbols" | grep -qw "$name"; then
      echo "$program contains $name of the C library's allocator"
      failures=$((failures + 1))
    fi
  done
done
[ $# -gt 0 ] && [ "$failures" -eq 0 ]
