//! Allocates and frees in pairs on mete; `pairs_system` is the same on the malloc of the program.
//!   cargo build --release --examples
//!   target/release/examples/pairs 20000000
//!   valgrind --tool=callgrind --toggle-collect='*box_64*' target/release/examples/pairs

mod loops;

#[global_allocator]
static GLOBAL: mete::Mete = mete::Mete;

fn main() {
    loops::run();
}
