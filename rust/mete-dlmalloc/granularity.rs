//! How many bytes dlmalloc asks its port for at a time, as the environment of the build says (C9):
//! `METE_DEFAULT_GRANULARITY` or, without it, `DEFAULT_MMAP_GRANULARITY`. The rule and the sentences
//! are those of `cmake/mete_granularity.cmake`; what holds if neither is set is of the crate.

/// 2 MiB, as in portable-dlmalloc.
const DEFAULT: &str = "0x200000";

/// The value for the compiler, or a sentence that says what is wrong with it.
pub fn chosen(variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    for name in ["METE_DEFAULT_GRANULARITY", "DEFAULT_MMAP_GRANULARITY"] {
        if let Some(value) = variable(name) {
            return match bytes_of(&value) {
                None => Err(format!(
                    "{name}={value}: it has to be a number, in decimal or with 0x"
                )),
                Some(bytes) if !(64..=1 << 30).contains(&bytes) || !bytes.is_power_of_two() => Err(
                    format!("{name}={value}: it has to be a power of two, from 64 to 0x40000000"),
                ),
                Some(bytes) => Ok(format!("{bytes:#x}")),
            };
        }
    }
    Ok(DEFAULT.to_string())
}

/// A number that C would read as the same one: no leading 0 but that of 0x, no sign, no suffix.
fn bytes_of(value: &str) -> Option<u64> {
    let digits = value
        .strip_prefix("0x")
        .or_else(|| value.strip_prefix("0X"));
    let (digits, radix) = digits.map_or((value, 10), |digits| (digits, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if !is_number || (radix == 10 && digits.starts_with('0')) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}
