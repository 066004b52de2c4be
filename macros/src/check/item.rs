//! Items inside of a kernel or a device function: they stay what they are, in front of what the body becomes.

use super::Checker;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Block, Item, Stmt, UseTree};

/// The name of an item that stands in an inner block.
pub struct InnerName {
    name: Ident,
    /// How often it stands in that block.
    n_inside: usize,
}

impl Checker {
    /// The outermost block of a body. What stands directly in it is meant in all of it, so it can be moved to the front.
    pub(super) fn outer_block(&mut self, block: &Block) -> crate::model::Block {
        if !block.stmts.iter().any(|statement| matches!(statement, Stmt::Item(_))) {
            let result = self.block(block);
            self.check_inner_names(block);
            return result;
        }
        let mut rest = Block { brace_token: block.brace_token, stmts: Vec::new() };
        for statement in &block.stmts {
            match statement {
                Stmt::Item(item) => self.item(item),
                other => rest.stmts.push(other.clone()),
            }
        }
        let result = self.block(&rest);
        self.check_inner_names(block);
        result
    }

    fn item(&mut self, item: &Item) {
        if is_kept(item) {
            return self.body.items.push(item.to_token_stream());
        }
        let text = "a kernel contains no such items\n\
                    hint: it may contain `const`, `static`, `use`, and what `#[device]` stands before";
        self.errors.at(item, text);
    }

    /// An item in a block inside of the body. It moves to the front as well, where its name may mean nothing else in the body.
    pub(super) fn inner_item(&mut self, item: &Item, block: &Block) {
        let mut names = Vec::new();
        if names_of(item, &mut names).is_none() {
            let text = "a `use` of everything stands directly in the body of a kernel\n\
                        hint: move it out of the block, or write the names";
            return self.errors.at(item, text);
        }
        for name in names {
            let n_inside = count(&name, block.to_token_stream());
            self.inner_names.push(InnerName { name, n_inside });
        }
        self.item(item);
    }

    /// Reports names of inner items that stand elsewhere in the body, too.
    pub(super) fn check_inner_names(&mut self, body: &impl ToTokens) {
        for InnerName { name, n_inside } in std::mem::take(&mut self.inner_names) {
            if count(&name, body.to_token_stream()) != n_inside {
                let text = format!(
                    "`{name}` also stands outside of this block\n\
                     hint: give the item another name, or let it stand directly in the body of the kernel"
                );
                self.errors.at(&name, text);
            }
        }
    }
}

/// The names that an item brings into its block; `None` if nobody knows them.
fn names_of(item: &Item, names: &mut Vec<Ident>) -> Option<()> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Struct(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Use(item) => return names_of_use(&item.tree, None, names),
        _ => return Some(()),
    };
    names.push(name.clone());
    Some(())
}

fn names_of_use(tree: &UseTree, outer: Option<&Ident>, names: &mut Vec<Ident>) -> Option<()> {
    match tree {
        UseTree::Path(path) => return names_of_use(&path.tree, Some(&path.ident), names),
        UseTree::Name(name) if name.ident == "self" => names.extend(outer.cloned()),
        UseTree::Name(name) => names.push(name.ident.clone()),
        UseTree::Rename(renamed) => names.push(renamed.rename.clone()),
        UseTree::Group(group) => {
            return group.items.iter().try_for_each(|tree| names_of_use(tree, outer, names).ok_or(())).ok();
        }
        UseTree::Glob(_) => return None,
    }
    Some(())
}

/// How often a name stands in code; each text that contains it counts, since it may be shown there.
fn count(name: &Ident, code: TokenStream) -> usize {
    let of_token = |token| match token {
        TokenTree::Ident(word) => usize::from(word == *name),
        TokenTree::Group(group) => count(name, group.stream()),
        TokenTree::Literal(text) => usize::from(text.to_string().contains(&format!("{{{name}"))),
        TokenTree::Punct(_) => 0,
    };
    code.into_iter().map(of_token).sum()
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
        Item::Static(item) => matches!(item.mutability, syn::StaticMutability::None),
        Item::Fn(item) => is_device(&item.attrs),
        Item::Struct(item) => is_device(&item.attrs),
        Item::Enum(item) => is_device(&item.attrs),
        Item::Impl(item) => is_device(&item.attrs),
        Item::Trait(item) => is_device(&item.attrs),
        _ => false,
    }
}
