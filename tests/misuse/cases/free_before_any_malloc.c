// free of a foreign pointer as the very first call: there is no heap yet to look it up in.
#include "misuse/misuse.h"

static long global[512];

int main(void) {
  char line[] = "mete: free of a pointer that mete did not allocate: 0x################\n";
  char* at = strchr(line, '#');
  // printf allocates nothing here, but this program is about not relying on such things.
  uintptr_t address = (uintptr_t)global;
  int shift = 60;
  while (shift > 0 && (address >> shift & 15) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[address >> shift & 15];
  *at++ = '\n';
  if (write(1, line, (size_t)(at - line)) < 0) return 2;
  free(keep(global));
  return survived();
}
