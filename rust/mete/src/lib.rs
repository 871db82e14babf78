// What the crate is stands in its README, which is its page.
#![doc = include_str!("../README.md")]
#![no_std]
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]
#![cfg_attr(feature = "allocator_api", feature(allocator_api))]
#![cfg_attr(feature = "alloc_error_hook", feature(alloc_error_hook))]

#[cfg(any(test, feature = "alloc_error_hook"))]
extern crate std;

#[macro_use]
mod allocator_methods;

mod alloc_error;
pub mod allocator_abi;
mod blocks;
mod engine;
mod global;
mod heap;
mod process;
mod size_class;
mod space;

#[cfg(feature = "alloc_error_hook")]
pub use alloc_error::forward_std_alloc_errors;
pub use alloc_error::{handle_alloc_error, set_alloc_error_hook, take_alloc_error_hook};
pub use blocks::AllocError;
pub use global::Mete;
pub use heap::{HeapOptions, HeapStatistics, MeteHeap};
pub use process::{option, set_option, statistics, trim, ProcessOption, Statistics};
pub use space::{Piece, Space, SpaceStatistics};
