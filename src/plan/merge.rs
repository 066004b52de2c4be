//! Turns the requirements of one command into disjoint ones.
//!
//! Follows SYCL 2020's table of combined requirements (section 4.7.6.8), but only where the regions overlap. Must not
//! change what is required anywhere.

use super::command::{Access, Requirement, Requirements};
use smallvec::SmallVec;

impl Access {
    /// What both together amount to: `Discard` is lost when mixed with anything else.
    pub(super) fn combined(self, other: Access) -> Access {
        match (self, other) {
            (one, two) if one == two => one,
            (Access::Write, Access::Discard) | (Access::Discard, Access::Write) => Access::Write,
            _ => Access::ReadWrite,
        }
    }
}

/// The same requirements without overlaps; `None` if there are no overlaps, which is the common case.
pub(super) fn merged(requirements: &[Requirement]) -> Option<Requirements> {
    if !any_overlap(requirements) {
        return None;
    }
    Some(requirements.iter().fold(Requirements::new(), merged_with))
}

fn any_overlap(requirements: &[Requirement]) -> bool {
    requirements.iter().enumerate().any(|(position, one)| {
        let mut later = requirements[position + 1..].iter();
        later.any(|two| one.buffer == two.buffer && one.block.overlaps(&two.block))
    })
}

/// Adds one more requirement to disjoint ones.
fn merged_with(disjoint: Requirements, added: &Requirement) -> Requirements {
    let mut result = Requirements::new();
    let mut rest: SmallVec<[_; 6]> = smallvec::smallvec![added.block];
    for old in disjoint {
        let shared = old.block.intersection(&added.block);
        if old.buffer != added.buffer || shared.is_empty() {
            result.push(old);
            continue;
        }
        let access = old.access.combined(added.access);
        if access == old.access {
            result.push(old);
        } else {
            let kept = old.block.difference(&shared);
            result.extend(kept.into_iter().map(|block| Requirement { block, ..old.clone() }));
            result.push(Requirement { block: shared, access, ..old.clone() });
        }
        rest = rest.iter().flat_map(|block| block.difference(&shared)).collect();
    }
    result.extend(rest.into_iter().map(|block| Requirement { block, ..added.clone() }));
    result
}
