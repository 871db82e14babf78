// GoogleTest can send its results over the network and so refers to getaddrinfo, about which the
// linker warns in every static program. No test here does that; with this one nothing of it is
// linked.

#include <netdb.h>
#include <stddef.h>

int getaddrinfo(const char* node, const char* service, const struct addrinfo* hints,
                struct addrinfo** result) {
  (void)node;
  (void)service;
  (void)hints;
  *result = NULL;
  return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo* result) { (void)result; }
