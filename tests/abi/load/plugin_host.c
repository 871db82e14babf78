// A C program without libstdc++ that opens plugins, uses them from several threads, closes them and
// goes on.
//   plugin_host <plugin.so>...

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>

#include "abi/checks.h"

enum { kThreads = 16 };

struct Plugin {
  void* handle;
  int (*run)(void);
  void* (*make)(size_t);
  void (*drop)(void*);
};

static void look_up(void* library, const char* name, void* function) {
  void* address = dlsym(library, name);
  CHECK(address != NULL);
  memcpy(function, &address, sizeof(address));
}

static struct Plugin open_plugin(const char* path) {
  struct Plugin plugin;
  plugin.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (plugin.handle == NULL) say(dlerror());
  CHECK(plugin.handle != NULL);
  look_up(plugin.handle, "plugin_run", (void*)&plugin.run);
  look_up(plugin.handle, "plugin_make", (void*)&plugin.make);
  look_up(plugin.handle, "plugin_drop", (void*)&plugin.drop);
  return plugin;
}

static void* use(void* argument) {
  struct Plugin* plugin = argument;
  for (size_t bytes = 1; bytes < 100000; bytes = bytes * 3 / 2 + 1) {
    char* block = plugin->make(bytes);
    CHECK(block != NULL);
    memset(block, 1, bytes);
    plugin->drop(block);
  }
  return plugin->make(1234);
}

int main(int argc, char** argv) {
  alarm(60);
  for (int round = 0; round < 5; ++round) {
    for (int i = 1; i < argc; ++i) {
      void* own = malloc(3000);
      struct Plugin plugin = open_plugin(argv[i]);
      CHECK(plugin.run() == 0);
      pthread_t threads[kThreads];
      for (size_t t = 0; t < kThreads; ++t)
        CHECK(pthread_create(&threads[t], NULL, use, &plugin) == 0);
      for (size_t t = 0; t < kThreads; ++t) {
        void* block = NULL;
        CHECK(pthread_join(threads[t], &block) == 0);
        plugin.drop(block);
      }
      CHECK(dlclose(plugin.handle) == 0);
      own = realloc(own, 90000);
      CHECK(own != NULL);
      free(own);
    }
  }
  return 0;
}
