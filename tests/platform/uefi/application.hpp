// What the firmware told the program.

#pragma once

#include "dlmalloc/uefi/firmware.hpp"

namespace mete::platform {

struct Application {
  void* image;
  uefi::SystemTable* table;
};
extern constinit Application application;

}  // namespace mete::platform
