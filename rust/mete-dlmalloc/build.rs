//! Compiles Space and dlmalloc's functions on it, and the port for the target's system.

mod granularity;
mod native;

use native::{fail, Archive};

fn main() {
    let mut archive = Archive::new("mete_dlmalloc");
    let bytes = granularity::chosen(&native::variable).unwrap_or_else(|sentence| fail(&sentence));
    archive
        .define("METE_HAS_HEAP", "0")
        .define("METE_DEFAULT_GRANULARITY", &bytes)
        .folder("space", &["-ffreestanding"])
        .folder("dlmalloc", &["-ffreestanding"]);

    let os = archive.target().os.clone();
    let port = match os.as_str() {
        "linux" | "android" => Some("dlmalloc/linux"),
        "windows" => Some("dlmalloc/windows"),
        "uefi" => Some("dlmalloc/uefi"),
        "unknown" if archive.target().arch == "wasm32" => Some("dlmalloc/wasm"),
        _ => None,
    };
    let is_custom = native::variable("CARGO_FEATURE_CUSTOM_PORT").is_some();
    match port {
        _ if is_custom => {}
        Some(folder) => {
            archive.folder(folder, &[]);
        }
        None => fail(&format!(
            "there is no port for the system {}: write the functions of mete/port.h and enable the \
             feature custom-port",
            os
        )),
    }
    // No part of a port: linked where the printed statistics are used.
    if matches!(os.as_str(), "linux" | "android" | "windows") {
        archive.folder("dlmalloc/hosted", &[]);
    }
    archive.build();
}
