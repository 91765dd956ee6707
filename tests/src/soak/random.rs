//! Choices that follow from a seed: SplitMix64. It is no source of secrets.

/// A stream of choices.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// One of the streams of a seed.
    pub(super) fn of(seed: u64, stream: u64) -> Random {
        Random(seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below that.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
