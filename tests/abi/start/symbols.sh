#!/bin/sh
# What libmete.so and libmete_override.a define and need, compared with the malloc.o of the installed
# libc.a: they define all that it does.
#   symbols.sh <C compiler> <libmete.so> <libmete_override.a> <dlmalloc.h>
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
ar p "$libc_archive" malloc.o >"$work/malloc.o" || exit 1
[ -s "$work/malloc.o" ] || { echo "no malloc.o in $libc_archive"; exit 1; }

# Local symbols are left out by nm's capital letters.
nm "$work/malloc.o" | awk '$2 ~ /^[TWVDBRi]$/ { print $3 }' | sort -u >"$work/malloc_names"

# Not in malloc.o, but of the family: an object of their own in libc.a (reallocarray), only in
# libc.so.6 for old binaries (cfree), or newer than this libc (C23).
cat >"$work/family" <<'END'
cfree
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

# The functions of dlmalloc.h, of the shared library only.
dlmalloc_header=$4
grep -oE '\b(dl[a-z_]+|mspace_[a-z_]+|create_mspace[a-z_]*|destroy_mspace)\(' "$dlmalloc_header" | tr -d '(' |
  sort -u >"$work/dlmalloc"
[ "$(wc -l <"$work/dlmalloc")" -ge 45 ] || fail "there are few functions in $dlmalloc_header"

# Whatever of malloc.o the archive lacks can pull malloc.o into a static link, next to ours.
sort -u "$work/malloc_names" "$work/family" "$work/operators" >"$work/wanted"
nm "$archive" 2>/dev/null | awk '$2 ~ /^[TWVDBRi]$/ { print $3 }' | sort -u >"$work/archive_has"
nm -D --defined-only "$shared" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/shared_has"
for name in $(comm -23 "$work/wanted" "$work/archive_has"); do
  fail "$(basename "$archive") does not define $name"
done
sort -u "$work/wanted" "$work/dlmalloc" >"$work/wanted_shared"
for name in $(comm -23 "$work/wanted_shared" "$work/shared_has"); do
  fail "$(basename "$shared") does not export $name"
done
for name in $(comm -13 "$work/wanted_shared" "$work/shared_has" | grep -vE '^(mete_|_ZNK?4mete)'); do
  fail "$(basename "$shared") exports $name, which is neither of the malloc family nor mete's or dlmalloc's interface"
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

echo "$(wc -l <"$work/wanted_shared") symbols wanted, $failures deviations"
[ "$failures" -eq 0 ]
