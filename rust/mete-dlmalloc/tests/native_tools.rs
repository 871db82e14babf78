//! The tools that a build script chooses: for which target, and in which environment (C11).

#[path = "../../native/tools.rs"]
mod tools;

use tools::{Target, Tools};

const HOST: &str = "x86_64-unknown-linux-gnu";

/// A target as cargo describes it; `arch` and `os` are not always parts of the triple.
fn target(triple: &str, arch: &str, os: &str) -> Target {
    Target {
        triple: triple.into(),
        host: HOST.into(),
        arch: arch.into(),
        os: os.into(),
        env: triple.rsplit('-').next().unwrap().into(),
    }
}

fn choose(target: &Target, environment: &[(&str, &str)]) -> Result<Tools, String> {
    Tools::choose(target, &|name| {
        environment
            .iter()
            .find(|variable| variable.0 == name)
            .map(|variable| variable.1.to_string())
    })
}

fn expect(triple: &str, arch: &str, os: &str, compiler: &str, archiver: &str, flags: &str) {
    let tools = choose(&target(triple, arch, os), &[]).unwrap();
    assert_eq!(tools.compiler.join(" "), compiler, "{triple}");
    assert_eq!(tools.archiver.join(" "), archiver, "{triple}");
    assert_eq!(tools.flags.join(" "), flags, "{triple}");
}

#[test]
fn c11_without_any_variable() {
    expect(HOST, "x86_64", "linux", "c++", "ar", "-fPIC");
    expect(
        "x86_64-unknown-linux-musl",
        "x86_64",
        "linux",
        "c++",
        "ar",
        "-fPIC",
    );
    for (triple, arch, name, flags) in [
        (
            "aarch64-unknown-linux-gnu",
            "aarch64",
            "aarch64-linux-gnu",
            "-fPIC",
        ),
        (
            "aarch64-unknown-linux-musl",
            "aarch64",
            "aarch64-linux-gnu",
            "-fPIC",
        ),
        (
            "armv7-unknown-linux-gnueabihf",
            "arm",
            "arm-linux-gnueabihf",
            "-fPIC -fno-ivopts",
        ),
        (
            "arm-unknown-linux-gnueabi",
            "arm",
            "arm-linux-gnueabi",
            "-fPIC -fno-ivopts",
        ),
        ("i686-unknown-linux-gnu", "x86", "i686-linux-gnu", "-fPIC"),
        (
            "riscv64gc-unknown-linux-gnu",
            "riscv64",
            "riscv64-linux-gnu",
            "-fPIC",
        ),
    ] {
        expect(
            triple,
            arch,
            "linux",
            &format!("{name}-g++"),
            &format!("{name}-ar"),
            flags,
        );
    }
    let mingw = ["x86_64-w64-mingw32-g++", "x86_64-w64-mingw32-ar"];
    expect(
        "x86_64-pc-windows-gnu",
        "x86_64",
        "windows",
        mingw[0],
        mingw[1],
        "",
    );
    let flags = "-ffreestanding -mno-stack-arg-probe";
    expect(
        "x86_64-unknown-uefi",
        "x86_64",
        "uefi",
        mingw[0],
        mingw[1],
        flags,
    );
    let flags = "-ffreestanding -fno-ivopts -mthumb -march=armv7-m";
    expect(
        "thumbv7m-none-eabi",
        "arm",
        "none",
        "arm-none-eabi-g++",
        "arm-none-eabi-ar",
        flags,
    );
}

#[test]
fn c11_clang_is_told_the_target() {
    let tools = choose(
        &target("aarch64-unknown-linux-gnu", "aarch64", "linux"),
        &[("CXX", "clang++")],
    );
    assert_eq!(
        tools.unwrap().flags,
        ["-fPIC", "--target=aarch64-unknown-linux-gnu"]
    );
    let bare = target("riscv32imac-unknown-none-elf", "riscv32", "none");
    let flags = choose(&bare, &[("CC", "/opt/bin/clang")]).unwrap().flags;
    assert_eq!(flags.last().unwrap(), "--target=riscv32-unknown-none-elf");
    let tools = choose(&target(HOST, "x86_64", "linux"), &[("CXX", "clang++")]).unwrap();
    assert_eq!(tools.flags, ["-fPIC"]);
    let msvc = target("x86_64-pc-windows-msvc", "x86_64", "windows");
    assert_eq!(choose(&msvc, &[]).unwrap().compiler, ["clang++"]);
    assert_eq!(msvc.archive_of("a"), "a.lib");
}

#[test]
fn c11_who_wins() {
    let target = target("aarch64-unknown-linux-gnu", "aarch64", "linux");
    // Each of them wins over all that stand before it.
    let order = [
        "CC",
        "TARGET_CC",
        "CC_aarch64_unknown_linux_gnu",
        "CC_aarch64-unknown-linux-gnu",
        "CXX",
        "TARGET_CXX",
        "CXX_aarch64_unknown_linux_gnu",
        "CXX_aarch64-unknown-linux-gnu",
    ];
    let mut environment = vec![
        ("HOST_CXX", "wrong"),
        ("CXX_x86_64_unknown_linux_gnu", "wrong"),
    ];
    assert_eq!(
        choose(&target, &environment).unwrap().compiler,
        ["aarch64-linux-gnu-g++"]
    );
    for name in order {
        environment.push((name, name));
        assert_eq!(choose(&target, &environment).unwrap().compiler, [name]);
    }
}

#[test]
fn c11_commands_and_flags_have_words() {
    let environment = [
        ("CXX", "ccache  g++-12"),
        ("AR", "llvm-ar"),
        ("CFLAGS", "-g -DA=1"),
    ];
    let tools = choose(&target(HOST, "x86_64", "linux"), &environment).unwrap();
    assert_eq!(tools.compiler, ["ccache", "g++-12"]);
    assert_eq!(tools.archiver, ["llvm-ar"]);
    assert_eq!(tools.user_flags, ["-g", "-DA=1"]);
    let environment = [("CXXFLAGS", "-O3"), ("CFLAGS", "-g")];
    let tools = choose(&target(HOST, "x86_64", "linux"), &environment).unwrap();
    assert_eq!(tools.user_flags, ["-O3"]);
}

#[test]
fn c11_an_unknown_target_is_one_sentence() {
    let target = target("mips-unknown-none", "mips", "none");
    let sentence =
        "no C++ compiler is known for mips-unknown-none: name one in CXX_mips_unknown_none";
    assert_eq!(choose(&target, &[]).unwrap_err(), sentence);
    assert!(choose(&target, &[("CC", "mips-gcc")]).is_ok());
}
