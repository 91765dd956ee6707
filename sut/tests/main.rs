//! The tests of the system from outside, in one binary: each further one would compile the network, the runtime and the server anew. This
//! file holds no test.

mod admission_brute_force;
mod ends;
mod frames;
mod fuzz_corpus;
mod registry;
mod usersig_vectors;
mod webhook;
