// Second names of exported functions. glibc has them for programs that wrap malloc and call
// through.

#pragma once

#include "base/compiler.hpp"

// An alias cannot have the attributes that its target gets from the compiler, and mallinfo is
// deprecated.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmissing-attributes"
#endif
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

// Inside extern "C". NOLINTBEGIN(bugprone-macro-parentheses): gcc wants none around a declared name
#define METE_ALIAS(name, function) \
  METE_EXPORT decltype(function) name __attribute__((alias(#function)))
// NOLINTEND(bugprone-macro-parentheses)
