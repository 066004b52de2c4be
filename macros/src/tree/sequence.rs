//! Prints what a `for` goes through.

use super::{Text, block, both, expression, pattern};
use crate::model::{Adaptor, Block, Loop, Source, Traversal};

/// A `for` through a sequence.
pub fn for_each(opened: &Loop, traversal: &Traversal, body: &Block, text: &mut Text) {
    pattern(&traversal.pattern, text.word("ForEach").word(opened.id));
    source(&traversal.source, text);
    let noticed = traversal.adaptors.iter().filter(|adaptor| !matches!(adaptor, Adaptor::Same(_)));
    text.list(&noticed.collect::<Vec<_>>(), |known, text| adaptor(known, text));
    block(body, text);
}

fn source(source: &Source, text: &mut Text) {
    match source {
        Source::Range { start, end, inclusive, ty, .. } => {
            both(start, end, text.word("Range"));
            text.word(inclusive).word(ty);
        }
        Source::Array(array) => expression(array, text.word("Array")),
    }
}

fn adaptor(adaptor: &Adaptor, text: &mut Text) {
    match adaptor {
        Adaptor::Reverse(_) => {
            text.word("Reverse");
        }
        Adaptor::Enumerate(_) => {
            text.word("Enumerate");
        }
        Adaptor::StepBy(_, step, site) => {
            expression(step, text.word("StepBy"));
            text.word(site);
        }
        Adaptor::Skip(_, count) => expression(count, text.word("Skip")),
        Adaptor::Take(_, count) => expression(count, text.word("Take")),
        // Kernels do not notice these.
        Adaptor::Same(_) => {}
    }
}
