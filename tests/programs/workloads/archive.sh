# tar, xz and zstd with two threads, gzip and bzip2; packed and unpacked again.
mkdir tree
awk 'BEGIN {
  x = 1
  for (file = 0; file < 80; file++) {
    name = "tree/file" file
    for (line = 0; line < 1500; line++) {
      x = (x * 48271) % 2147483647
      printf "%d %d some text that repeats %d\n", x % 1000, line, file % 7 > name
    }
    close(name)
  }
}'
pack() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$1" "${@:2}" tree; }
pack plain.tar
pack tree.tar.xz -I 'xz -T2 -2 --block-size=1MiB'
pack tree.tar.zst -I 'zstd -q -T2 -6'
pack tree.tar.gz -z
pack tree.tar.bz2 -j
zstd -q --long=24 -15 -T2 plain.tar -o long.zst
sha256sum plain.tar tree.tar.* long.zst
zstd -q -d long.zst --stdout | sha256sum
xz -T2 -dc tree.tar.xz | sha256sum
for archive in tree.tar.*; do
  mkdir "out_$archive"
  tar -C "out_$archive" -xf "$archive"
  diff -r tree "out_$archive/tree"
done
