// The globals of the engine, all constant-initialised: they work before any constructor has run.

#include "heap/domain.hpp"

#include "heap/bins.hpp"
#include "heap/depot.hpp"

namespace mete::heap {

constinit pages::PageTable page_table;
constinit SlabTable slab_table;
constinit Domain domain;
constinit Depot depot;
constinit Bins no_bins;
constinit Bins dead_bins;
constinit thread_local Bins* current_bins = &no_bins;
constinit thread_local Bins* global_bins = &no_bins;

}  // namespace mete::heap
