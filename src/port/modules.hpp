// The files that the process is made of, program and shared libraries: the notes in them, and how
// long they stay.

#pragma once

namespace mete::port {

// A note in a module, ELF's way for a file to say something about itself.
struct Note {
  const char* module;  // path of the file, "" for the program; until the next call of the loader
  const void* descriptor;  // contents of the note, aligned to 4
};

// Calls visit(context, note) for each note of `owner` in each module, in the order of loading,
// until it returns true. Any thread; takes the loader's lock, allocates nothing.
void for_each_note(const char* owner, bool (*visit)(void* context, const Note& note),
                   void* context) noexcept;

// The module that this code is in stays loaded, whoever closes it: threads that end later and forks
// call into it. Any thread; for a program nothing needs to be done.
void keep_loaded() noexcept;

}  // namespace mete::port
