//! The build script for other targets, with the compilers that it chooses for them: C13, and the
//! platforms of `docs/dlmalloc.md`. Rust itself is not compiled, so nobody needs its libraries.
//!
//! A compiler that is not installed is left out and named; with `METE_ALL_COMPILERS` in the
//! environment it is an error.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// The build script as a program.
fn build_script(folder: &Path) -> PathBuf {
    let program = folder.join("build_script");
    let status = Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".into()))
        .args(["--edition", "2021", "-o"])
        .args([program.as_path(), &Path::new(HERE).join("build.rs")])
        .status();
    assert!(status.unwrap().success());
    program
}

struct Case {
    triple: &'static str,
    arch: &'static str,
    os: &'static str,
    compiler: &'static str,
    flags: &'static str,
    /// What an object begins with, after as many bytes.
    machine: (usize, &'static [u8]),
}

const fn case(
    triple: &'static str,
    arch: &'static str,
    os: &'static str,
    compiler: &'static str,
    machine: (usize, &'static [u8]),
) -> Case {
    Case {
        triple,
        arch,
        os,
        compiler,
        flags: "",
        machine,
    }
}

/// The number of a processor in ELF.
const fn elf(machine: &'static [u8; 2]) -> (usize, &'static [u8]) {
    (18, machine)
}

const COFF: (usize, &[u8]) = (0, b"\x64\x86");
const MINGW: &str = "x86_64-w64-mingw32-g++";

const CASES: [Case; 9] = [
    case(
        "aarch64-unknown-linux-gnu",
        "aarch64",
        "linux",
        "aarch64-linux-gnu-g++",
        elf(b"\xb7\0"),
    ),
    case(
        "armv7-unknown-linux-gnueabihf",
        "arm",
        "linux",
        "arm-linux-gnueabihf-g++",
        elf(b"\x28\0"),
    ),
    case(
        "i686-unknown-linux-gnu",
        "x86",
        "linux",
        "i686-linux-gnu-g++",
        elf(b"\x03\0"),
    ),
    case(
        "riscv64gc-unknown-linux-gnu",
        "riscv64",
        "linux",
        "riscv64-linux-gnu-g++",
        elf(b"\xf3\0"),
    ),
    case("x86_64-pc-windows-gnu", "x86_64", "windows", MINGW, COFF),
    case("x86_64-unknown-uefi", "x86_64", "uefi", MINGW, COFF),
    case(
        "x86_64-unknown-none",
        "x86_64",
        "none",
        "x86_64-linux-gnu-g++",
        elf(b"\x3e\0"),
    ),
    case(
        "thumbv7m-none-eabi",
        "arm",
        "none",
        "arm-none-eabi-g++",
        elf(b"\x28\0"),
    ),
    Case {
        // Debian's headers for WASI serve where nothing of WASI is linked.
        flags: "-nostdlibinc -isystem /usr/include/wasm32-wasi/c++/v1 \
                -isystem /usr/include/wasm32-wasi -D__wasi__",
        ..case(
            "wasm32-unknown-unknown",
            "wasm32",
            "unknown",
            "clang++",
            (0, b"\0asm"),
        )
    },
];

fn run(program: &Path, case: &Case, out: &Path, is_custom: bool) -> Output {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", env::var("PATH").unwrap())
        .env("CARGO_MANIFEST_DIR", HERE)
        .env("OUT_DIR", out)
        .env("HOST", "x86_64-pc-linux-gnu")
        .env("TARGET", case.triple)
        .env("CARGO_CFG_TARGET_ARCH", case.arch)
        .env("CARGO_CFG_TARGET_OS", case.os)
        .env(
            "CARGO_CFG_TARGET_ENV",
            case.triple.rsplit('-').next().unwrap(),
        )
        .env("OPT_LEVEL", "s")
        .env("NUM_JOBS", "2")
        .env(format!("CXXFLAGS_{}", case.triple), case.flags);
    if is_custom {
        command.env("CARGO_FEATURE_CUSTOM_PORT", "1");
    }
    command.output().unwrap()
}

#[test]
fn c11_c13_archives_for_other_targets() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cross_build");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let program = build_script(&folder);
    let mut built = 0;
    for case in &CASES {
        if Command::new(case.compiler)
            .arg("--version")
            .output()
            .is_err()
        {
            assert!(
                env::var("METE_ALL_COMPILERS").is_err(),
                "{} is missing",
                case.compiler
            );
            println!("{} is left out: there is no {}", case.triple, case.compiler);
            continue;
        }
        let out = folder.join(case.triple);
        fs::create_dir(&out).unwrap();
        let is_bare = case.os == "none";
        let output = run(&program, case, &out, is_bare);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", case.triple);
        assert!(out.join("libmete_dlmalloc.a").is_file());
        let object = fs::read(out.join("space-space.o")).unwrap();
        let (at, machine) = case.machine;
        assert_eq!(object[at..][..machine.len()], *machine, "{}", case.triple);
        // A port of a system is there, unless it is left to the program.
        let port =
            ["linux", "windows", "uefi", "wasm"].map(|port| format!("dlmalloc-{port}-memory.o"));
        assert_eq!(
            port.iter().any(|port| out.join(port).exists()),
            !is_bare,
            "{}",
            case.triple
        );
        built += 1;
    }
    assert!(built > 0);
}

#[test]
fn c15_a_system_without_a_port_is_a_sentence() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_port");
    fs::create_dir_all(&folder).unwrap();
    let program = build_script(&folder);
    let case = case("thumbv7m-none-eabi", "arm", "none", "", (0, b""));
    let output = run(&program, &case, &folder, false);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        said.starts_with("mete: there is no port for the system none: "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}
