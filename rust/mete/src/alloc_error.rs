//! When memory is short and the caller cannot go on: the hook of the process (E1 to E7).
//!
//! The standard library has a hook of its own, which only nightly can set. With the feature
//! `alloc_error_hook`, [`forward_std_alloc_errors`] makes it call this one.

use core::alloc::Layout;
use core::fmt::{self, Write};
use core::mem;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::engine;

/// Null: the default (E7).
static HOOK: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

/// Replaces the hook that there was (E1). It gets the layout that there was no memory for, and may
/// end the process, panic, or return (E6). Any thread.
pub fn set_alloc_error_hook(hook: fn(Layout)) {
    HOOK.store(hook as *mut (), Ordering::SeqCst);
}

/// Takes the hook out, so that the default holds again, and returns it; the default if there was none
/// (E2). Any thread.
pub fn take_alloc_error_hook() -> fn(Layout) {
    hook_of(HOOK.swap(ptr::null_mut(), Ordering::SeqCst))
}

fn hook_of(hook: *mut ()) -> fn(Layout) {
    if hook.is_null() {
        default_alloc_error_hook
    } else {
        // SAFETY: nothing else is ever stored.
        unsafe { mem::transmute::<*mut (), fn(Layout)>(hook) }
    }
}

/// The hook that there is at first: one line on stderr (E4).
fn default_alloc_error_hook(layout: Layout) {
    let mut line = Line::default();
    // What has no room is cut off: there is room for every number.
    let _ = writeln!(line, "memory allocation of {} bytes failed", layout.size());
    // SAFETY: the text is as long as it says.
    unsafe { engine::mete_rust_write_error(line.text.as_ptr(), line.size) }
}

/// For a caller that cannot do without the memory: calls the hook, then aborts if it returns (E5).
/// Any thread.
pub fn handle_alloc_error(layout: Layout) -> ! {
    call_hook(layout);
    // SAFETY: it ends the process.
    unsafe { engine::mete_rust_abort() }
}

fn call_hook(layout: Layout) {
    hook_of(HOOK.load(Ordering::SeqCst))(layout);
}

/// Makes the standard library call the hook of this crate before it aborts, where a `Box`, a `Vec` or
/// `std::alloc::handle_alloc_error` has no memory (E3). Any thread.
#[cfg(feature = "alloc_error_hook")]
pub fn forward_std_alloc_errors() {
    std::alloc::set_alloc_error_hook(call_hook);
}

/// A line without a heap.
struct Line {
    text: [u8; 80],
    size: usize,
}

impl Default for Line {
    fn default() -> Line {
        Line {
            text: [0; 80],
            size: 0,
        }
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.text.get_mut(self.size..).unwrap_or_default();
        let room = room.get_mut(..text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.size += text.len();
        Ok(())
    }
}
