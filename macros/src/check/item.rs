//! Items inside of a kernel or a device function: they stay what they are, in front of what the body becomes.

use super::Checker;
use quote::ToTokens;
use syn::{Attribute, Block, Item, Stmt};

impl Checker {
    /// The outermost block of a body. What stands directly in it is meant in all of it, so it can be moved to the front.
    pub(super) fn outer_block(&mut self, block: &Block) -> crate::model::Block {
        if !block.stmts.iter().any(|statement| matches!(statement, Stmt::Item(_))) {
            return self.block(block);
        }
        let mut rest = Block { brace_token: block.brace_token, stmts: Vec::new() };
        for statement in &block.stmts {
            match statement {
                Stmt::Item(item) => self.item(item),
                other => rest.stmts.push(other.clone()),
            }
        }
        self.block(&rest)
    }

    fn item(&mut self, item: &Item) {
        if is_kept(item) {
            return self.body.items.push(item.to_token_stream());
        }
        let text = "a kernel contains no such items\n\
                    hint: it may contain `const`, `use`, and what `#[device]` stands before";
        self.errors.at(item, text);
    }

    /// An item in a block inside of the body, where the same name may mean another one elsewhere.
    pub(super) fn inner_item(&mut self, item: &Item) {
        self.errors
            .at(item, "items stand directly in the body of a kernel\nhint: move this out of the block");
    }
}

fn is_kept(item: &Item) -> bool {
    let is_device = |attributes: &[Attribute]| {
        let last = |attribute: &Attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "device")
        };
        attributes.iter().any(last)
    };
    match item {
        Item::Const(_) | Item::Use(_) => true,
        Item::Fn(item) => is_device(&item.attrs),
        Item::Struct(item) => is_device(&item.attrs),
        Item::Enum(item) => is_device(&item.attrs),
        Item::Impl(item) => is_device(&item.attrs),
        Item::Trait(item) => is_device(&item.attrs),
        _ => false,
    }
}
