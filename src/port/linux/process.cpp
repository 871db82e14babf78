// The process on Linux: environment, stderr, panic.

#include "port/process.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/compiler.hpp"
#include "base/text.hpp"

namespace mete::port {

const char* environment(const char* name) noexcept { return secure_getenv(name); }

void write_error(const char* text, std::size_t size) noexcept {
  const int saved = errno;
  while (size != 0) {
    const ssize_t written = write(STDERR_FILENO, text, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
  errno = saved;
}

std::uint64_t process_id() noexcept { return static_cast<std::uint64_t>(getpid()); }

void* map_shared_file(const char* path, std::size_t bytes) noexcept {
  const int saved = errno;
  void* mapped = MAP_FAILED;
  const int file = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file >= 0) {
    struct stat facts;
    if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) &&
        facts.st_size == static_cast<off_t>(bytes)) {
      mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    close(file);
  }
  errno = saved;
  return mapped == MAP_FAILED ? nullptr : mapped;
}

}  // namespace mete::port

namespace mete::base {

METE_COLD void violate(Violation violation, const void* address, const char* owner) noexcept {
  Text line;
  line.add("mete: ").add(text(violation)).add(": ").add_address(address);
  if (owner != nullptr) line.add(", of the copy of mete in ").add(owner, 800);
  line.add("\n");
  port::write_error(line.data(), line.size());
  abort();
}

METE_COLD void panic(const char* message) noexcept {
  Text line;
  line.add("mete: ").add(message).add("\n");
  port::write_error(line.data(), line.size());
  abort();
}

}  // namespace mete::base
