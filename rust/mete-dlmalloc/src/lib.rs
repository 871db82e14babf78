//! dlmalloc's interface on mete's best-fit engine.
#![no_std]
