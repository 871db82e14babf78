//! `raw` has what `mete/dlmalloc.h` has, no more and no less: functions with as many arguments,
//! constants with the same values, fields in the same order (X2, X3, X4).

use std::collections::BTreeMap;

const HEADER: &str = include_str!("../cpp/include/mete/dlmalloc.h");
const RAW: &str = concat!(
    include_str!("../src/raw/dlmalloc.rs"),
    include_str!("../src/raw/mspace.rs")
);
const MODULE: &str = include_str!("../src/raw/mod.rs");

/// The text without comments, in C or in Rust.
fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        code += before;
        rest = comment.split_once("*/").expect("a comment ends").1;
    }
    code += rest;
    code.lines()
        .map(|line| line.split("//").next().unwrap().to_string() + "\n")
        .collect()
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap()
}

/// What stands in the brackets that `rest` begins in, to the one that closes them.
fn arguments(rest: &str) -> &str {
    let mut depth = 1;
    let end = rest.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &rest[..end.expect("brackets end")]
}

/// How many arguments a list has: commas that are in no brackets.
fn count(arguments: &str) -> usize {
    let list = arguments.trim().trim_end_matches(',');
    let mut depth = 0;
    let commas = list.chars().filter(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        *c == ',' && depth == 0
    });
    let commas = commas.count();
    if list.is_empty() || list == "void" {
        0
    } else {
        commas + 1
    }
}

/// Each declaration that ends in a semicolon and has an argument list.
fn functions(code: &str) -> BTreeMap<String, usize> {
    code.split(';')
        .filter_map(|declaration| declaration.split_once('('))
        .map(|(head, rest)| (last_word(head).to_string(), count(arguments(rest))))
        .collect()
}

#[test]
fn x2_x3_x4_every_function_of_the_header() {
    let header = without_comments(HEADER);
    let (_, declarations) = header.split_once("size_t keepcost;").unwrap();
    let is_code = |line: &&str| !line.starts_with('#');
    let of_header = functions(&declarations.lines().filter(is_code).collect::<String>());
    let rust: Vec<String> = without_comments(RAW)
        .split("pub fn ")
        .skip(1)
        .map(|function| function.split(';').next().unwrap().to_string() + ";")
        .collect();
    let of_raw = functions(&rust.concat());
    assert_eq!(rust.len(), of_raw.len(), "a function stands there twice");
    assert_eq!(of_header, of_raw);
    assert!(
        of_header.len() > 45 && of_header["dlmalloc_inspect_all"] == 2,
        "{of_header:?}"
    );
}

#[test]
fn c6_every_constant_of_the_header() {
    let header: Vec<(String, String)> = without_comments(HEADER)
        .lines()
        .filter_map(|line| line.strip_prefix("#define M_")?.trim().split_once(' '))
        .map(|(name, value)| {
            (
                name.to_string(),
                value.trim_matches(&['(', ')', ' '][..]).to_string(),
            )
        })
        .collect();
    let raw: Vec<(String, String)> = MODULE
        .lines()
        .filter_map(|line| line.strip_prefix("pub const M_")?.strip_suffix(';'))
        .filter_map(|line| line.split_once(": i32 = "))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    assert_eq!(header, raw);
    assert_eq!(header.len(), 4);
}

#[test]
fn c6_mallinfo_has_the_fields_of_the_header() {
    let fields = |text: &str, begin: &str| -> String {
        let (_, rest) = text.split_once(begin).unwrap();
        rest.split_once('}').unwrap().0.to_string()
    };
    let header: Vec<String> = fields(&without_comments(HEADER), "struct mallinfo_dl {")
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("size_t ")
                .map(|rest| rest.trim().replace(';', ""))
        })
        .collect();
    let raw: Vec<String> = fields(&without_comments(MODULE), "pub struct MallInfo {")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.strip_suffix(": usize,"))
        .map(str::to_string)
        .collect();
    assert_eq!(header, raw);
    assert_eq!(header.len(), 10);
    assert_eq!(
        std::mem::size_of::<mete_dlmalloc::raw::MallInfo>(),
        10 * std::mem::size_of::<usize>()
    );
}
