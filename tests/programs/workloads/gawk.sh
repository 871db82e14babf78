# gawk: big associative arrays, sorting, regular expressions, arbitrary precision.
gawk 'BEGIN {
  x = 1
  for (i = 0; i < 400000; i++) {
    x = (x * 48271) % 2147483647
    key = "key" x % 30000
    table[key][i % 17] = table[key][i % 17] + 1
    text = text sprintf("%c", 97 + x % 26)
    if (i % 9 == 0) delete table["key" x % 997]
  }
  n = asorti(table, sorted)
  for (i = 1; i <= n; i++) for (j = 0; j < 17; j++) sum = (sum * 31 + table[sorted[i]][j]) % 1000000007
  print n, sum
  print gsub(/[aeiou]+[^aeiou]/, "<&>", text), length(text)
  m = split(text, parts, /<[^>]*>/)
  for (i in parts) lengths[length(parts[i])]++
  PROCINFO["sorted_in"] = "@ind_num_asc"
  for (l in lengths) printf "%d:%d ", l, lengths[l]
  print m
}'
gawk -M 'BEGIN { f = 1; for (i = 2; i <= 2000; i++) f *= i; print length(f ""), substr(f "", 1, 40) }'
