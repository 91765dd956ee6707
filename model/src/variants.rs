//! The variants of an enum as an array, for all that is counted, listed or numbered by them.

use strum::VariantArray;

/// Every variant, in the order in which they are declared.
pub const fn every<T: VariantArray + Copy, const COUNT: usize>() -> [T; COUNT] {
    *T::VARIANTS.as_array().expect("an enum has as many variants as it counts")
}
