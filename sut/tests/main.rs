//! The tests of the system from outside, in one binary but for `memory`: each further one would compile the network, the runtime and the
//! server anew. This file holds no test.

#[cfg(test)]
mod admission_brute_force;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod fuzz_corpus;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod usersig_vectors;
#[cfg(test)]
mod webhook;
