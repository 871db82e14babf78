//! What `pairs` does, on the malloc of the program: glibc's, or one that is preloaded.

mod loops;

#[global_allocator]
static GLOBAL: std::alloc::System = std::alloc::System;

fn main() {
    loops::run();
}
