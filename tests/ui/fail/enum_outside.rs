use falx::prelude::*;

#[device]
enum Nothing {}

#[device]
#[derive(Clone, Copy)]
enum Borrowed<'a> {
    One(&'a u32),
}

#[device]
#[derive(Clone, Copy)]
enum Texts {
    Plain(u32),
    Text(String),
}

#[device]
enum NotCopied {
    One,
}

fn main() {}
