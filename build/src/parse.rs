//! Reads the kernels of an OpenCL C file: their names, and the names and types of their parameters.
//!
//! Runs no preprocessor: a parameter behind a macro is an error that says so.

use crate::types::{Scalar, Space, Type};

/// A kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// The line of its name, from 1.
    pub line: usize,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// A word or a sign, and its line.
#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    text: &'t str,
    line: usize,
}

/// The kernels of a text.
///
/// # Errors
/// `LINE: ..` for a parameter whose type has no counterpart in Rust, or that cannot be read.
pub fn kernels(text: &str) -> Result<Vec<Kernel>, String> {
    let bare = without_comments(text);
    let tokens = tokens(&bare);
    let mut found = Vec::new();
    for (position, token) in tokens.iter().enumerate() {
        if matches!(token.text, "__kernel" | "kernel")
            && let Some(kernel) = kernel(&tokens[position + 1..])?
        {
            found.push(kernel);
        }
    }
    Ok(found)
}

/// The text with blanks for comments, and for lines of the preprocessor.
fn without_comments(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    let mut begins_line = true;
    while let Some(first) = rest.chars().next() {
        let skipped = match rest {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            _ if begins_line && first == '#' => directive_length(rest),
            _ => 0,
        };
        if skipped > 0 {
            bare.extend(rest[..skipped].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[skipped..];
            continue;
        }
        begins_line = first == '\n' || begins_line && first.is_whitespace();
        bare.push(first);
        rest = &rest[first.len_utf8()..];
    }
    bare
}

/// A directive of the preprocessor goes on behind a backslash at the end of its line.
fn directive_length(text: &str) -> usize {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        length += line.len();
        if !line.trim_end().ends_with('\\') {
            return length - usize::from(line.ends_with('\n'));
        }
    }
    length
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut line, mut start) = (1, None);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_word = c == '_' || c.is_alphanumeric();
        match start {
            None if is_word => start = Some(at),
            Some(first) if !is_word => {
                tokens.push(Token { text: &text[first..at], line });
                start = None;
            }
            _ => {}
        }
        if !is_word && !c.is_whitespace() {
            tokens.push(Token { text: &text[at..at + c.len_utf8()], line });
        }
        line += usize::from(c == '\n');
    }
    tokens
}

/// The kernel whose tokens begin behind `__kernel`; none if it is only declared.
fn kernel(tokens: &[Token<'_>]) -> Result<Option<Kernel>, String> {
    let mut position = 0;
    // `__attribute__((..))` may stand before and behind `void`.
    while let Some(token) = tokens.get(position) {
        match token.text {
            "__attribute__" => position = behind_brackets(tokens, position + 1),
            "void" => position += 1,
            _ => break,
        }
    }
    let Some(name) = tokens.get(position) else { return Ok(None) };
    if tokens.get(position + 1).is_none_or(|token| token.text != "(") {
        return Ok(None);
    }
    let end = behind_brackets(tokens, position + 1);
    if tokens.get(end).is_some_and(|token| token.text == ";") {
        return Ok(None);
    }
    let inside = tokens.get(position + 2..end.saturating_sub(1)).unwrap_or_default();
    let mut parameters = Vec::new();
    for (number, part) in inside.split(|token| token.text == ",").enumerate() {
        let texts: Vec<&str> = part.iter().map(|token| token.text).collect();
        if texts.is_empty() || texts == ["void"] {
            continue;
        }
        parameters.push(parameter(&texts).map_err(|error| {
            format!("{}: parameter {} of kernel `{}`: {error}", part[0].line, number + 1, name.text)
        })?);
    }
    Ok(Some(Kernel { name: name.text.to_owned(), line: name.line, parameters }))
}

/// The position behind the bracket that closes the one at `position`.
fn behind_brackets(tokens: &[Token<'_>], position: usize) -> usize {
    let mut depth = 0;
    for (offset, token) in tokens[position.min(tokens.len())..].iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return position + offset + 1;
        }
    }
    tokens.len()
}

fn parameter(texts: &[&str]) -> Result<Parameter, String> {
    let Some((name, words)) = texts.split_last() else { return Err("it is empty".to_owned()) };
    if *name == "]" {
        return Err("it is an array; write a pointer".to_owned());
    }
    let (mut space, mut n_pointers, mut is_const, mut rest) = (None, 0, false, Vec::new());
    for word in words {
        match *word {
            "__global" | "global" => space = Some(Space::Global),
            "__constant" | "constant" => space = Some(Space::Constant),
            "__local" | "local" => space = Some(Space::Local),
            "*" => n_pointers += 1,
            // Behind the star it says that the pointer itself does not change.
            "const" => is_const |= n_pointers == 0,
            "restrict" | "__restrict" | "volatile" | "__private" | "private" => {}
            other => rest.push(other),
        }
    }
    let (scalar, lanes) = named(&rest)?;
    let ty = match (n_pointers, space) {
        (0, _) => Type::Value(scalar, lanes),
        (1, Some(space)) => {
            let is_const = is_const || space == Space::Constant;
            Type::Pointer { space, is_const, scalar, lanes }
        }
        (1, None) => return Err(format!("`{name}` is a pointer without an address space; write `__global`")),
        _ => return Err(format!("`{name}` is a pointer to pointers, which no buffer holds")),
    };
    Ok(Parameter { name: (*name).to_owned(), ty })
}

/// The number or vector that some words name.
fn named(words: &[&str]) -> Result<(Scalar, usize), String> {
    if let Some(scalar) = Scalar::of(words) {
        return Ok((scalar, 1));
    }
    let text = words.join(" ");
    let base = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let lanes = text[base.len()..].parse().ok().filter(|lanes| [2, 3, 4, 8, 16].contains(lanes));
    if let (Some(scalar), Some(lanes)) = (Scalar::of(&[base]), lanes) {
        return Ok((scalar, lanes));
    }
    Err(match words {
        ["struct" | "union", ..] => format!(
            "`{text}` has no counterpart in Rust, since both may lay it out differently; pass its fields one by one"
        ),
        ["bool" | "size_t" | "ptrdiff_t" | "intptr_t" | "uintptr_t"] => {
            format!(
                "OpenCL C does not allow `{text}` here, since its size differs between devices; write `uchar`, `ulong` or `long`"
            )
        }
        ["half"] => "`half` is not supported; take a `__global` pointer to `ushort`, or a `float`".to_owned(),
        [image] if image.starts_with("image") || *image == "sampler_t" => {
            format!("`{image}` is not supported; take a pointer")
        }
        _ => format!(
            "`{text}` is not a type that is known here; if it is a macro or a `typedef`, write out what it stands for"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(text: &str) -> Vec<(String, Type)> {
        let found = kernels(text).unwrap();
        found.into_iter().flat_map(|kernel| kernel.parameters).map(|it| (it.name, it.ty)).collect()
    }

    fn global(is_const: bool, scalar: Scalar, lanes: usize) -> Type {
        Type::Pointer { space: Space::Global, is_const, scalar, lanes }
    }

    #[test]
    fn pointers_numbers_and_vectors_are_read_with_their_names() {
        let text = "kernel void f(global const float *a, __global float4 * restrict b, __local uint *c,\n \
                    __constant int *d, const unsigned int n, float3 v, long k) {}";
        let expected = [
            ("a", global(true, Scalar::Float, 1)),
            ("b", global(false, Scalar::Float, 4)),
            ("c", Type::Pointer { space: Space::Local, is_const: false, scalar: Scalar::UInt, lanes: 1 }),
            ("d", Type::Pointer { space: Space::Constant, is_const: true, scalar: Scalar::Int, lanes: 1 }),
            ("n", Type::Value(Scalar::UInt, 1)),
            ("v", Type::Value(Scalar::Float, 3)),
            ("k", Type::Value(Scalar::Long, 1)),
        ];
        assert_eq!(types(text), expected.map(|(name, ty)| (name.to_owned(), ty)));
    }

    #[test]
    fn const_behind_the_star_does_not_make_what_it_leads_to_const() {
        assert_eq!(types("kernel void f(global int * const a) {}")[0].1, global(false, Scalar::Int, 1));
        assert_eq!(types("kernel void f(int const global *a) {}")[0].1, global(true, Scalar::Int, 1));
    }

    #[test]
    fn comments_directives_attributes_and_declarations_are_no_kernels() {
        let text = "// kernel void a(int x) {}\n/* kernel void b(int x) {} */\n#define C \\\n kernel void c(int x) {}\n\
                    kernel void d(int x);\n__kernel __attribute__((reqd_work_group_size(8, 1, 1))) void e(void) {}";
        let found = kernels(text).unwrap();
        assert_eq!(found, [Kernel { name: "e".to_owned(), line: 6, parameters: Vec::new() }]);
    }

    #[test]
    fn what_rust_cannot_pass_is_refused_with_line_and_remedy() {
        for (text, expected) in [
            (
                "\nkernel void f(struct point p) {}",
                "2: parameter 1 of kernel `f`: `struct point` has no counterpart",
            ),
            (
                "kernel void f(int a, size_t n) {}",
                "1: parameter 2 of kernel `f`: OpenCL C does not allow `size_t`",
            ),
            ("kernel void f(float *a) {}", "`a` is a pointer without an address space"),
            ("kernel void f(global float **a) {}", "`a` is a pointer to pointers"),
            ("kernel void f(global TYPE *a) {}", "`TYPE` is not a type that is known here"),
            ("kernel void f(image2d_t a) {}", "`image2d_t` is not supported"),
        ] {
            let error = kernels(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
