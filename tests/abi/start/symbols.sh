#!/bin/sh
# What libmete.so and libmete_override.a define and need, compared with the malloc.o of the installed
# libc.a and with libc.so.6.
#   symbols.sh <C compiler> <libmete.so> <libmete_override.a>
# Prints every deviation; exit status 1 if there is any.
compiler=$1
shared=$2
archive=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  failures=$((failures + 1))
  echo "$*"
}

libc_archive=$("$compiler" -print-file-name=libc.a)
libc_shared=$("$compiler" -print-file-name=libc.so.6)
ar p "$libc_archive" malloc.o >"$work/malloc.o" || exit 1
[ -s "$work/malloc.o" ] || { echo "no malloc.o in $libc_archive"; exit 1; }

# Symbols of malloc.o as "visibility name"; local ones are left out by nm's capital letters.
nm "$work/malloc.o" | awk '$2 ~ /^[TWVDBRi]$/ { print $3 }' | sort -u >"$work/malloc_names"
readelf -sW "$work/malloc.o" | awk '$6 == "HIDDEN" && $7 != "UND" { print $8 }' | sort -u >"$work/hidden"
readelf --dyn-syms -W "$libc_shared" | awk '$7 != "UND" && $8 != "" { sub(/@.*/, "", $8); print $8 }' |
  sort -u >"$work/libc_exports"

# Not ours, and why. Everything else that malloc.o defines is asked for in the archive.
cat >"$work/not_ours" <<'END'
__glibc_morecore
__malloc_arena_thread_freeres
END
# __glibc_morecore               sbrk for the main arena of glibc's heap; nothing else refers to it
# __malloc_arena_thread_freeres  weak hook of glibc for its own arenas; mete sees threads end by itself

# Not in malloc.o, but of the family: an object of their own in libc.a (reallocarray), only in
# libc.so.6 for old binaries (cfree), or newer than this libc (C23).
cat >"$work/family" <<'END'
reallocarray
free_sized
free_aligned_sized
END

# operator new and delete, every form of C++20.
cat >"$work/operators" <<'END'
_Znwm
_Znam
_ZnwmRKSt9nothrow_t
_ZnamRKSt9nothrow_t
_ZnwmSt11align_val_t
_ZnamSt11align_val_t
_ZnwmSt11align_val_tRKSt9nothrow_t
_ZnamSt11align_val_tRKSt9nothrow_t
_ZdlPv
_ZdaPv
_ZdlPvm
_ZdaPvm
_ZdlPvRKSt9nothrow_t
_ZdaPvRKSt9nothrow_t
_ZdlPvSt11align_val_t
_ZdaPvSt11align_val_t
_ZdlPvmSt11align_val_t
_ZdaPvmSt11align_val_t
_ZdlPvSt11align_val_tRKSt9nothrow_t
_ZdaPvSt11align_val_tRKSt9nothrow_t
END

# The archive: whatever of malloc.o it lacks can pull malloc.o into a static link, next to ours.
{ comm -23 "$work/malloc_names" "$work/not_ours"; cat "$work/family" "$work/operators"; } |
  sort -u >"$work/archive_wanted"
nm "$archive" 2>/dev/null | awk '$2 ~ /^[TWVDBRi]$/ { print $3 }' | sort -u >"$work/archive_has"
for name in $(comm -23 "$work/archive_wanted" "$work/archive_has"); do
  fail "$(basename "$archive") does not define $name"
done

# The shared library: what malloc.o shows to programs. Hidden there and not exported by libc.so.6
# means that only other parts of glibc can refer to it.
comm -23 "$work/hidden" "$work/libc_exports" | sort -u - "$work/not_ours" >"$work/internal"
{
  comm -23 "$work/malloc_names" "$work/internal"
  cat "$work/family" "$work/operators"
  grep -x cfree "$work/libc_exports"
} | sort -u >"$work/shared_wanted"
nm -D --defined-only "$shared" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/shared_has"
for name in $(comm -23 "$work/shared_wanted" "$work/shared_has"); do
  fail "$(basename "$shared") does not export $name"
done
{ cat "$work/shared_wanted" "$work/malloc_names"; echo cfree; } | sort -u >"$work/shared_allowed"
for name in $(comm -13 "$work/shared_allowed" "$work/shared_has" | grep -v '^mete_'); do
  fail "$(basename "$shared") exports $name, which is neither of the malloc family nor mete_*"
done

# It depends on libc alone, and loads where memory is never writable and executable at once.
dynamic=$(readelf -dW "$shared")
for library in $(echo "$dynamic" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
  case $library in
    libc.so.6 | ld-linux*) ;;
    *) fail "$(basename "$shared") needs $library" ;;
  esac
done
echo "$dynamic" | grep -q 'SONAME.*\[libmete\.so\]' || fail "the soname is not libmete.so"
echo "$dynamic" | grep -q TEXTREL && fail "$(basename "$shared") has text relocations"
readelf -lW "$shared" | grep -q 'GNU_STACK.*RWE' && fail "$(basename "$shared") wants an executable stack"

# glibc keeps 1664 bytes of static TLS for libraries that come late, for all of them together.
tls=$(readelf -lW "$shared" | awk '$1 == "TLS" { print $6 }')
[ $((${tls:-0})) -le 1408 ] || fail "$(basename "$shared") takes $((tls)) bytes of static TLS; 1408 are allowed"

echo "$(wc -l <"$work/archive_wanted") symbols wanted in the archive, $(wc -l <"$work/shared_wanted") in" \
  "the library, $failures deviations"
[ "$failures" -eq 0 ]
