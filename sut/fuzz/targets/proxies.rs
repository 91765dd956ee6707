//! Runs [`bodies::proxies`] on bytes that the fuzzer makes up. It holds no check of its own.

#![no_main]

#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::proxies(bytes));
