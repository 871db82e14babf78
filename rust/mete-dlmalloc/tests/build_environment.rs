//! What the environment says to the build, tried on builds: C9 and C11.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// `cargo <arguments>` on this crate, with nothing of what this test was built with.
fn cargo(target: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::var("CARGO").unwrap());
    for name in [
        "DEFAULT_MMAP_GRANULARITY",
        "METE_DEFAULT_GRANULARITY",
        "CXX",
        "CXXFLAGS",
        "CC",
    ] {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .args(["--quiet", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .env("CARGO_TARGET_DIR", target)
        .envs(environment.iter().copied());
    command.output().unwrap()
}

#[test]
fn c9_a_wrong_granularity_ends_the_build_with_a_sentence() {
    let target = folder("wrong_granularity");
    let number = "it has to be a number, in decimal or with 0x";
    let power = "it has to be a power of two, from 64 to 0x40000000";
    // The same as those of CMake.
    let cmake = include_str!("../../../cmake/mete_granularity.cmake");
    assert!(cmake.contains(number) && cmake.contains(power));
    let (old, new) = ("DEFAULT_MMAP_GRANULARITY", "METE_DEFAULT_GRANULARITY");
    for (name, value, sentence) in [
        (old, "100000", power),
        (old, "32", power),
        (old, "0x18000", power),
        (old, "0x80000000", power),
        (old, "64K", number),
        (old, "0", number),
        (old, "-4096", number),
        (old, "0x", number),
        (old, "0b1000000", number),
        (old, "99999999999999999999", number),
        (new, "010", number),
        (new, "3", power),
    ] {
        // What the other one says does not help.
        let output = cargo(&target, &["build"], &[(old, "65536"), (name, value)]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name}={value}");
        let line = format!("mete: {name}={value}: {sentence}");
        assert!(
            said.lines().any(|said| said.trim() == line),
            "{line} is not in {said}"
        );
    }
}

#[test]
fn c9_c11_granularity_compiler_archiver_and_flags() {
    let target = folder("environment");
    let log = target.join("log");
    // Scripts in place of the tools, which say what they are called with.
    let script = |name: &str, tool: &str| {
        let path = target.join(name);
        let text = format!(
            "#!/bin/sh\necho {name} \"$@\" >>'{}'\nexec {tool} \"$@\"\n",
            log.display()
        );
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_string()
    };
    let (cc, ar) = (script("my_cc", "c++"), script("my_ar", "ar"));
    let mut environment = vec![
        ("CC", cc.as_str()),
        ("AR", ar.as_str()),
        ("CFLAGS", "-std=c99 -DMY_FLAG"),
        ("DEFAULT_MMAP_GRANULARITY", "0x20000"),
    ];
    let run = |environment: &[(&str, &str)]| {
        let output = cargo(&target, &["run", "--example", "granularity"], environment);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse::<usize>()
            .unwrap()
    };
    assert_eq!(run(&environment), 0x20000);
    let calls = fs::read_to_string(&log).unwrap();
    let of_compiler: Vec<_> = calls
        .lines()
        .filter(|call| call.starts_with("my_cc "))
        .collect();
    assert!(of_compiler.len() > 10, "{calls}");
    assert!(
        of_compiler.iter().all(|call| call.contains(" -DMY_FLAG ")),
        "{calls}"
    );
    assert_eq!(
        calls
            .lines()
            .filter(|call| call.starts_with("my_ar "))
            .count(),
        1,
        "{calls}"
    );

    // Another value is another build; the same one is none.
    environment.push(("METE_DEFAULT_GRANULARITY", "262144"));
    assert_eq!(run(&environment), 262144);
    let twice = fs::read_to_string(&log).unwrap().lines().count();
    assert_eq!(twice, 2 * calls.lines().count());
    assert_eq!(run(&environment), 262144);
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), twice);
}

#[test]
fn c11_a_compiler_that_is_not_there_is_a_sentence() {
    let target = folder("no_compiler");
    let output = cargo(&target, &["build"], &[("CXX", "/nowhere/c++")]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("mete: cannot run /nowhere/c++: "), "{said}");
}
