//! The one contract suite, mounted on every registry there is.

#[cfg(test)]
mod memory;
