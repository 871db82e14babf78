//! Which compiler and archiver, with which flags: a function of the target and the environment, so
//! that it can be tested without any of them.
//!
//! The variables are those of the crate `cc`, which others' build scripts use, too: for `CXX` first
//! `CXX_<target>` as it is written and with underscores, `HOST_CXX` or `TARGET_CXX`, `CXX`. Then the
//! same for `CC` and `CFLAGS`, since GCC and Clang know C++ by the name of the file (C11).

/// What is built for, as cargo tells it.
pub struct Target {
    pub triple: String,
    pub host: String,
    pub arch: String,
    pub os: String,
    pub env: String,
}

impl Target {
    /// What the linker of this target finds under the name of an archive.
    pub fn archive_of(&self, name: &str) -> String {
        match self.env.as_str() {
            "msvc" => format!("{name}.lib"),
            _ => format!("lib{name}.a"),
        }
    }

    /// Whether code runs without a C library below it.
    fn is_freestanding(&self) -> bool {
        matches!(self.os.as_str(), "none" | "uefi" | "unknown")
    }

    /// What the names of a cross compiler begin with on Debian; None if it has none.
    fn debian_prefix(&self) -> Option<String> {
        let arch = match self.arch.as_str() {
            "x86" => "i686",
            arch => arch,
        };
        Some(match (self.os.as_str(), arch) {
            ("linux", "arm") if self.triple.ends_with("hf") => "arm-linux-gnueabihf-".into(),
            ("linux", "arm") => "arm-linux-gnueabi-".into(),
            ("linux", "powerpc64") if self.triple.contains("64le") => {
                "powerpc64le-linux-gnu-".into()
            }
            ("linux", _) => format!("{arch}-linux-gnu-"),
            ("windows", _) | ("uefi", "x86_64") => format!("{arch}-w64-mingw32-"),
            ("none", "arm") => "arm-none-eabi-".into(),
            ("none", "riscv32" | "riscv64") => "riscv64-unknown-elf-".into(),
            ("none", "x86_64" | "aarch64") => format!("{arch}-linux-gnu-"),
            _ => return None,
        })
    }
}

/// The programs to run, and the flags for every source.
#[derive(Debug, PartialEq)]
pub struct Tools {
    pub compiler: Vec<String>,
    pub archiver: Vec<String>,
    /// What the target needs.
    pub flags: Vec<String>,
    /// `CXXFLAGS` or, without it, `CFLAGS`.
    pub user_flags: Vec<String>,
}

impl Tools {
    /// Those for a target, or a sentence that says what to set. `variable` is the environment.
    pub fn choose(
        target: &Target,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Tools, String> {
        let find = |name: &str| named(target, name, variable);
        let (compiler, archiver) = defaults(target);
        let compiler = find("CXX")
            .or_else(|| find("CC"))
            .or(compiler)
            .ok_or_else(|| {
                format!(
                    "no C++ compiler is known for {}: name one in CXX_{}",
                    target.triple,
                    target.triple.replace('-', "_")
                )
            })?;
        let compiler = words(&compiler);
        let is_clang = compiler.iter().any(|word| word.contains("clang"));
        Ok(Tools {
            archiver: words(&find("AR").unwrap_or(archiver)),
            flags: flags(target, is_clang),
            user_flags: words(
                &find("CXXFLAGS")
                    .or_else(|| find("CFLAGS"))
                    .unwrap_or_default(),
            ),
            compiler,
        })
    }
}

/// A command with arguments, as in `ccache g++`.
fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_string).collect()
}

/// The value of a variable that may be set for one target alone.
fn named(target: &Target, name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let kind = if target.triple == target.host {
        "HOST"
    } else {
        "TARGET"
    };
    variable(&format!("{name}_{}", target.triple))
        .or_else(|| variable(&format!("{name}_{}", target.triple.replace('-', "_"))))
        .or_else(|| variable(&format!("{kind}_{name}")))
        .or_else(|| variable(name))
}

/// Compiler and archiver where nobody names any.
fn defaults(target: &Target) -> (Option<String>, String) {
    let is_wasm = target.arch.starts_with("wasm");
    if is_wasm || target.env == "msvc" {
        return (Some("clang++".into()), "llvm-ar".into());
    }
    // The compiler of the machine makes programs for every C library of its system and processor.
    let mut of_host = target.host.splitn(2, '-');
    let is_same_arch = of_host.next() == target.triple.split('-').next();
    let is_same_os = target.host.contains(&format!("-{}-", target.os));
    if target.triple == target.host || (is_same_arch && is_same_os) {
        return (Some("c++".into()), "ar".into());
    }
    match target.debian_prefix() {
        Some(prefix) => (Some(format!("{prefix}g++")), format!("{prefix}ar")),
        None => (None, "ar".into()),
    }
}

/// What the target needs.
fn flags(target: &Target, is_clang: bool) -> Vec<String> {
    let mut flags: Vec<&str> = Vec::new();
    if target.is_freestanding() {
        flags.push("-ffreestanding");
    } else if target.os != "windows" {
        flags.push("-fPIC");
    }
    let triple = target.triple.as_str();
    let is_arm = target.arch == "arm";
    if is_arm && !is_clang {
        // GCC 12 loses calls there (cmake/mete_flags.cmake).
        flags.push("-fno-ivopts");
    }
    if target.os == "none" {
        flags.extend(bare_flags(triple));
    }
    if target.os == "uefi" && target.arch == "x86_64" {
        flags.push("-mno-stack-arg-probe");
    }
    let clang_target;
    if is_clang && triple != target.host {
        clang_target = format!("--target={}", clang_name(target));
        flags.push(&clang_target);
    }
    flags.into_iter().map(str::to_string).collect()
}

/// The processor of a target without a system.
fn bare_flags(triple: &str) -> &'static [&'static str] {
    match triple.split('-').next().unwrap_or_default() {
        "thumbv6m" => &["-mthumb", "-march=armv6s-m"],
        "thumbv7m" => &["-mthumb", "-march=armv7-m"],
        "thumbv7em" if triple.ends_with("hf") => {
            &["-mthumb", "-march=armv7e-m+fp", "-mfloat-abi=hard"]
        }
        "thumbv7em" => &["-mthumb", "-march=armv7e-m"],
        "riscv32i" => &["-march=rv32i", "-mabi=ilp32"],
        "riscv32imc" => &["-march=rv32imc", "-mabi=ilp32"],
        "riscv32imac" => &["-march=rv32imac", "-mabi=ilp32"],
        "riscv64imac" => &["-march=rv64imac", "-mabi=lp64", "-mcmodel=medany"],
        "riscv64gc" => &["-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany"],
        // An interrupt may use the stack below its end.
        "x86_64" => &["-fPIC", "-mno-red-zone", "-mgeneral-regs-only"],
        _ => &[],
    }
}

/// What clang calls the target.
fn clang_name(target: &Target) -> String {
    match target.triple.as_str() {
        "x86_64-unknown-uefi" => "x86_64-unknown-windows-gnu".into(),
        // Without the letters of the processor's extensions.
        triple if triple.starts_with("riscv") => {
            let (_, system) = triple.split_once('-').unwrap_or_default();
            format!("{}-{system}", target.arch)
        }
        triple => triple.to_string(),
    }
}
