# sort with several threads and little memory, and what is done with sorted files.
awk 'BEGIN {
  x = 1
  for (i = 0; i < 500000; i++) {
    x = (x * 48271) % 2147483647
    printf "%d key%d %s\n", x % 100000, x % 7919, substr("abcdefghijklmnopqrstuvwxyz", 1 + x % 20)
  }
}' >lines
sort --parallel=4 -S 16M lines >by_text
sort --parallel=4 -S 256M -n -k1,1 -s lines >by_number
sort --parallel=2 -S 4M --batch-size=4 -u -k2,2 lines >by_key
sort -R --random-source=lines lines >random
head -100000 random | sort -g -r >shuffled
sort -c by_text
sha256sum by_text by_number by_key shuffled
uniq -c by_text | sort -rn -k1,1 -k2,2 >counts
head -3 counts
sort -k1,1 by_number >left
join left <(sort -k1,1 by_key) | sha256sum
comm -12 by_text <(sort shuffled) | wc -l
tsort <(awk '{ print $1 % 50000, 50000 + $1 % 50000 }' by_key) | sort -n | sha256sum
tac by_text | rev | cut -c1-10 | sort -u | wc -l
