// operator delete of a pointer to the stack, in the sized, array and aligned forms one after the
// other, each in a child: all of them have to see it.
#include <signal.h>
#include <sys/wait.h>

#include <new>

#include "misuse/misuse.h"

int main() {
  start_heap();
  alignas(64) long on_stack[64] = {};
  expect("free of " FOREIGN, on_stack);
  for (int form = 0; form < 5; ++form) {
    const pid_t child = fork();
    if (child == 0) {
      close(2);
      switch (form) {
        case 0:
          ::operator delete (keep(on_stack), std::size_t{512});
          break;
        case 1:
          ::operator delete[](keep(on_stack));
          break;
        case 2:
          ::operator delete[](keep(on_stack), std::size_t{512});
          break;
        case 3:
          ::operator delete (keep(on_stack), std::align_val_t{64});
          break;
        case 4:
          ::operator delete (keep(on_stack), std::size_t{512}, std::align_val_t{64});
          break;
      }
      _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) ||
        WTERMSIG(status) != SIGABRT) {
      return survived();
    }
  }
  ::operator delete(keep(on_stack));
  return survived();
}
