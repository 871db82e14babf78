// How what a dying program says ends, as a regular expression: emulators add a line of their own.

#pragma once

#include <string>

inline const std::string kEndOfMessage = "\n(qemu: uncaught [^\n]*\n)?$";
