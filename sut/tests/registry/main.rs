//! The one contract suite, mounted on every registry there is.

mod memory;
