//! Compiles the heap of mete and the functions through which Rust calls it (cpp/src/rust).

mod native;

use native::{fail, Archive};

fn main() {
    let mut archive = Archive::new("mete");
    let os = archive.target().os.clone();
    if os != "linux" {
        fail(&format!(
            "the heap of mete is there for Linux, not for {os}: the crate mete-dlmalloc is"
        ));
    }
    archive
        .define("METE_HAS_HEAP", "1")
        .folder("space", &["-ffreestanding"]);
    for folder in ["base", "port/linux", "pages", "heap", "global", "rust"] {
        archive.folder(folder, &[]);
    }
    archive.build();
}
