//! What is said of the pool of a memory, and to it.

/// What becomes of memory that buffers gave up: see [`set_pool_policy`](crate::set_pool_policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolPolicy {
    /// All of it is kept for later buffers.
    Grow,
    /// So many bytes are kept at most.
    Cap(usize),
    /// None is kept.
    Release,
}

impl PoolPolicy {
    /// What `FALX_POOL` says: `grow`, `release` or a number of bytes; the default where it says nothing.
    pub(crate) fn from_environment() -> Self {
        let text = std::env::var("FALX_POOL").unwrap_or_default();
        if text.is_empty() {
            return PoolPolicy::default();
        }
        PoolPolicy::parse(&text).unwrap_or_else(|| {
            tracing::error!(
                "FALX_POOL is `{text}`, but must be `grow`, `release` or a number of bytes; it has no effect"
            );
            PoolPolicy::default()
        })
    }

    fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "grow" => Some(PoolPolicy::Grow),
            "release" => Some(PoolPolicy::Release),
            bytes => bytes.parse().ok().map(PoolPolicy::Cap),
        }
    }

    /// How many bytes may be kept.
    pub(crate) fn keep_bytes(self) -> usize {
        match self {
            PoolPolicy::Grow => usize::MAX,
            PoolPolicy::Cap(bytes) => bytes,
            PoolPolicy::Release => 0,
        }
    }
}

impl Default for PoolPolicy {
    /// A GiB: programs that go on get their memory back at once, and others on the machine miss little.
    fn default() -> Self {
        PoolPolicy::Cap(1 << 30)
    }
}

/// What the pool of a memory has: see [`pool_use`](crate::pool_use).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// The bytes that are in use, as they were asked for.
    pub live_bytes: usize,
    /// The most that were in use at any time.
    pub most_live_bytes: usize,
    /// The bytes that the pool has from the driver or the system.
    pub reserved_bytes: usize,
    /// How many of these could be given back at once, since nothing in their allocations is in use.
    pub kept_bytes: usize,
    /// How many times memory was asked for.
    pub n_taken: u64,
    /// How many times it was there already.
    pub n_reused: u64,
}

impl PoolUse {
    /// How much of what was asked for was there already, from 0 to 1.
    pub fn reuse_rate(&self) -> f64 {
        self.n_reused as f64 / self.n_taken.max(1) as f64
    }

    /// How much of the allocations that cannot be given back, because something in them is in use, is not in use itself:
    /// from 0 to 1.
    pub fn fragmentation(&self) -> f64 {
        match self.reserved_bytes.saturating_sub(self.kept_bytes) {
            0 => 0.0,
            held_bytes => 1.0 - self.live_bytes as f64 / held_bytes as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_as_they_are_written() {
        let read = ["grow", " release ", "4096", "-1", "all"].map(PoolPolicy::parse);
        assert_eq!(
            read,
            [Some(PoolPolicy::Grow), Some(PoolPolicy::Release), Some(PoolPolicy::Cap(4096)), None, None]
        );
    }

    #[test]
    fn fragmentation_is_what_cannot_be_given_back_and_is_not_used() {
        let pool = PoolUse {
            live_bytes: 60,
            reserved_bytes: 200,
            kept_bytes: 100,
            n_taken: 4,
            n_reused: 3,
            ..PoolUse::default()
        };
        assert_eq!((pool.fragmentation(), pool.reuse_rate()), (0.4, 0.75));
        let idle = PoolUse { reserved_bytes: 100, kept_bytes: 100, ..PoolUse::default() };
        assert_eq!((idle.fragmentation(), idle.reuse_rate()), (0.0, 0.0));
    }
}
