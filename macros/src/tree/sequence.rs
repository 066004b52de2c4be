//! Prints what a `for` goes through.

use super::{Text, block, both, expression, line, pattern};
use crate::model::{Adaptor, Block, Ended, Loop, LoopRef, Sequence, Source, Traversal, Use};
use proc_macro2::Ident;

/// A `for` through a sequence.
pub fn for_each(opened: &Loop, traversal: &Traversal, body: &Block, text: &mut Text) {
    pattern(&traversal.pattern, text.word("ForEach").word(opened.id));
    sequence(&traversal.sequence, text);
    block(body, text);
}

/// What ends a sequence.
pub fn ended(opened: LoopRef, ended: &Ended, text: &mut Text) {
    sequence(&ended.sequence, text.word("Ended").word(opened));
    text.word(capitalized(&ended.name));
    if ended.arguments.is_empty() && (ended.name == "sum" || ended.name == "product") {
        text.word(ended.site);
    }
    ended.arguments.iter().for_each(|argument| expression(argument, text));
    text.word(ended.ty);
}

/// `take_while` as `TakeWhile`.
fn capitalized(name: &Ident) -> String {
    let name = name.to_string();
    let words = name.split('_').map(|word| word.split_at(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

pub fn sequence(sequence: &Sequence, text: &mut Text) {
    source(&sequence.source, text);
    let noticed = sequence.adaptors.iter().filter(|adaptor| !matches!(adaptor, Adaptor::Same(_)));
    text.list(&noticed.collect::<Vec<_>>(), |known, text| adaptor(known, text));
}

fn source(source: &Source, text: &mut Text) {
    match source {
        Source::Range { start, end, inclusive, ty, .. } => {
            both(start, end, text.word("Range"));
            text.word(inclusive).word(ty);
        }
        Source::From(start, ty) => {
            expression(start, text.word("From"));
            text.word(ty);
        }
        Source::Elements(_, usage, elements) => {
            let (text, is_changed) = (text.word("Elements"), *usage == Use::Changed);
            if is_changed {
                text.word("Borrow").word(true);
            }
            expression(elements, text);
            if is_changed {
                text.word(line(elements.span));
            }
            text.word(*usage != Use::Taken);
        }
        Source::Row(accessor, _, index, site) => {
            both(accessor, index, text.word("Row"));
            text.word(site);
        }
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
        Adaptor::Zip(_, other) => sequence(other, text.word("Zip")),
        Adaptor::Chain(_, other) => sequence(other, text.word("Chain")),
        Adaptor::Map(_, closure) => expression(closure, text.word("Map")),
        Adaptor::Filter(_, closure) => expression(closure, text.word("Filter")),
        Adaptor::Closed(name, closure) => expression(closure, text.word(capitalized(name))),
        Adaptor::Scan(_, start, closure) => both(start, closure, text.word("Scan")),
        Adaptor::FlatMap(_, closure) => expression(closure, text.word("FlatMap")),
        Adaptor::Flatten(_) => {
            text.word("Flatten");
        }
        Adaptor::Cycle(_) => {
            text.word("Cycle");
        }
        Adaptor::Parts(name, length, site) => {
            let kind = match name.to_string().as_str() {
                "windows" => "Windows",
                "chunks" => "Chunks",
                _ => "ChunksExact",
            };
            expression(length, text.word("Parts").word(kind));
            text.word(site);
        }
        // Kernels do not notice these.
        Adaptor::Same(_) => {}
    }
}
