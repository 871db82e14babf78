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
    let features = native::variable("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    archive
        .define("METE_HAS_HEAP", "1")
        .define("METE_IS_STATIC", if is_static { "1" } else { "0" })
        .folder("space", &["-ffreestanding"]);
    for folder in ["base", "port/linux", "pages", "heap", "global", "rust"] {
        archive.folder(folder, &[]);
    }
    archive.build();
}
