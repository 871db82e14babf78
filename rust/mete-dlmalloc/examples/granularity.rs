//! Prints how many bytes dlmalloc asks its port for at a time: a space without a capacity begins with
//! as many. `DEFAULT_MMAP_GRANULARITY=0x20000 cargo run --example granularity` prints 131072.

use mete_dlmalloc::raw::{create_mspace, mspace_footprint};

fn main() {
    println!("{}", unsafe { mspace_footprint(create_mspace(0, 0)) });
}
