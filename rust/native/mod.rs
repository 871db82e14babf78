//! Compiles C++ sources of mete into the static archive that a crate links: what the build scripts of
//! mete's crates share. Needs std and a compiler, no other crate.
//!
//! A crate has `cpp/src` and `cpp/include`, links to the folders of the repository and real folders in
//! a package. Whole folders of `cpp/src` are compiled, so there is no second list of files to keep.
//! The flags are those of CMake's preset `release` (`cmake/mete_flags.cmake`) without the warnings,
//! which are for whoever works on mete.

pub mod tools;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{exit, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tools::{Target, Tools};

/// How code inside the library is compiled, for all targets (`mete_engine` in CMake).
const ENGINE_FLAGS: &[&str] = &[
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
    "-ftls-model=initial-exec",
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-builtin-malloc",
    "-fno-builtin-calloc",
    "-fno-builtin-realloc",
    "-fno-builtin-free",
    "-fno-builtin-aligned_alloc",
    "-ffunction-sections",
    "-fdata-sections",
];

/// A variable of the environment, and that cargo has to run the script again when it changes. An
/// empty one counts as not set.
pub fn variable(name: &str) -> Option<String> {
    println!("cargo:rerun-if-env-changed={name}");
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Ends the build with one sentence.
pub fn fail(sentence: &str) -> ! {
    eprintln!("mete: {sentence}");
    exit(1)
}

/// A variable that cargo sets for every build script.
fn of_cargo(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| fail(&format!("{name} is not set: cargo runs this program")))
}

struct Source {
    path: PathBuf,
    object: PathBuf,
    flags: Vec<String>,
}

/// An archive in the making.
pub struct Archive {
    name: String,
    target: Target,
    tools: Tools,
    root: PathBuf,
    out: PathBuf,
    defines: Vec<String>,
    sources: Vec<Source>,
}

impl Archive {
    /// The archive that `#[link]` knows as `name`, for the target that cargo builds for. It defines
    /// `METE_DEBUG` and `METE_AUDIT` as 0.
    pub fn new(name: &str) -> Archive {
        let target = Target {
            triple: of_cargo("TARGET"),
            host: of_cargo("HOST"),
            arch: of_cargo("CARGO_CFG_TARGET_ARCH"),
            os: of_cargo("CARGO_CFG_TARGET_OS"),
            env: env::var("CARGO_CFG_TARGET_ENV").unwrap_or_default(),
        };
        let tools = Tools::choose(&target, &variable).unwrap_or_else(|sentence| fail(&sentence));
        // Behind the links, so that cargo looks at the files themselves.
        let cpp = Path::new(&of_cargo("CARGO_MANIFEST_DIR")).join("cpp");
        for part in ["src", "include"] {
            let folder = fs::canonicalize(cpp.join(part)).unwrap_or_else(|error| {
                fail(&format!("{} is missing: {error}", cpp.join(part).display()))
            });
            println!("cargo:rerun-if-changed={}", folder.display());
        }
        let mut archive = Archive {
            name: name.to_string(),
            target,
            tools,
            root: cpp,
            out: PathBuf::from(of_cargo("OUT_DIR")),
            defines: Vec::new(),
            sources: Vec::new(),
        };
        archive.define("METE_DEBUG", "0").define("METE_AUDIT", "0");
        archive
    }

    /// What is built for.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Defines a macro in every source.
    pub fn define(&mut self, name: &str, value: &str) -> &mut Archive {
        self.defines.push(format!("-D{name}={value}"));
        self
    }

    /// Adds the sources that lie directly in `cpp/src/<folder>`, with flags of their own.
    pub fn folder(&mut self, folder: &str, flags: &[&str]) -> &mut Archive {
        let path = self.root.join("src").join(folder);
        let entries = fs::read_dir(&path)
            .unwrap_or_else(|error| fail(&format!("{} is missing: {error}", path.display())));
        let mut files: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .map_or(false, |extension| extension == "cpp")
            })
            .collect();
        if files.is_empty() {
            fail(&format!("{} has no C++ source", path.display()));
        }
        // In the order of their names: the same archive on every machine.
        files.sort();
        for file in files {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let object = format!("{}-{stem}.o", folder.replace('/', "-"));
            self.sources.push(Source {
                object: self.out.join(object),
                path: file,
                flags: flags.iter().map(|flag| flag.to_string()).collect(),
            });
        }
        self
    }

    /// Compiles, on as many threads as cargo says, and tells cargo to link the archive.
    pub fn build(&self) {
        let next = AtomicUsize::new(0);
        let jobs = env::var("NUM_JOBS")
            .ok()
            .and_then(|jobs| jobs.parse().ok())
            .unwrap_or(1);
        thread::scope(|scope| {
            for _ in 0..std::cmp::min(jobs, self.sources.len()) {
                scope.spawn(|| {
                    while let Some(source) = self.sources.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        self.compile(source);
                    }
                });
            }
        });
        self.archive();
        println!("cargo:rustc-link-search=native={}", self.out.display());
        println!("cargo:rustc-link-lib=static={}", self.name);
    }

    fn compile(&self, source: &Source) {
        let mut arguments: Vec<OsString> = self.flags().into_iter().map(OsString::from).collect();
        for folder in ["include", "src"] {
            arguments.push("-I".into());
            arguments.push(self.root.join(folder).into());
        }
        arguments.extend(self.defines.iter().chain(&source.flags).map(OsString::from));
        // What the user says comes late, to win; but a dialect of C cannot be meant for C++.
        arguments.extend(self.tools.user_flags.iter().map(OsString::from));
        arguments.extend(["-std=c++20", "-c"].map(OsString::from));
        arguments.push(source.path.clone().into());
        arguments.push("-o".into());
        arguments.push(source.object.clone().into());
        self.run(&self.tools.compiler, &arguments, "CXX");
    }

    /// The flags of every source: `cmake/mete_flags.cmake` gives the reasons.
    fn flags(&self) -> Vec<String> {
        let is_small = matches!(env::var("OPT_LEVEL").as_deref(), Ok("s") | Ok("z"));
        let mut flags = vec![
            if is_small { "-Os" } else { "-O2" }.to_string(),
            "-DNDEBUG".into(),
        ];
        if env::var("DEBUG").as_deref() == Ok("true") {
            flags.push("-g1".into());
        }
        flags.extend(self.tools.flags.iter().cloned());
        flags.extend(ENGINE_FLAGS.iter().map(|flag| flag.to_string()));
        flags.push(format!("-fmacro-prefix-map={}/=", self.root.display()));
        flags
    }

    fn archive(&self) {
        let path = self.out.join(self.target.archive_of(&self.name));
        // An archiver adds to what there is.
        if path.exists() {
            fs::remove_file(&path)
                .unwrap_or_else(|error| fail(&format!("{}: {error}", path.display())));
        }
        let mut arguments = vec![OsString::from("crs"), path.into()];
        arguments.extend(
            self.sources
                .iter()
                .map(|source| source.object.clone().into()),
        );
        self.run(&self.tools.archiver, &arguments, "AR");
    }

    fn run(&self, tool: &[String], arguments: &[OsString], name: &str) {
        let status = Command::new(&tool[0])
            .args(&tool[1..])
            .args(arguments)
            .status();
        match status {
            Ok(status) if status.success() => {}
            Ok(status) => fail(&format!(
                "{} failed with {status}: {:?}",
                tool[0],
                arguments
                    .last()
                    .map(Path::new)
                    .unwrap_or_else(|| Path::new(""))
            )),
            Err(error) => fail(&format!(
                "cannot run {}: {error}; {name}_{} in the environment names another",
                tool[0],
                self.target.triple.replace('-', "_")
            )),
        }
    }
}
