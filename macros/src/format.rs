//! Takes a format string apart: `"{x:>8.3} of {}"` into texts and values.
//!
//! Knows no tokens and no types: where the errors stand is the caller's to say, and whether a value can be written in a
//! style is rustc's.

/// One part of a format string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that is always the same.
    Text(String),
    /// A value.
    Value(Argument, Format),
}

/// Which value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The next of those that stand behind the string.
    Next,
    /// The one at this position behind the string.
    Position(usize),
    /// The one with this name.
    Name(String),
}

/// What stands behind the colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// What pads it.
    pub fill: char,
    /// `Left`, `Center` or `Right`.
    pub alignment: Option<&'static str>,
    /// `+`
    pub plus: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
    /// How wide it is at least.
    pub width: usize,
    /// How many digits follow the point.
    pub precision: Option<usize>,
    /// The formatting trait, by its name in the run time.
    pub style: &'static str,
}

impl Default for Format {
    fn default() -> Self {
        Format {
            fill: ' ',
            alignment: None,
            plus: false,
            alternate: false,
            zero: false,
            width: 0,
            precision: None,
            style: "Display",
        }
    }
}

/// How wide a value may be asked to be.
const WIDTH_LIMIT: usize = 1000;

/// The parts of a format string.
pub fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(position) = rest.find(['{', '}']) {
        plain.push_str(&rest[..position]);
        let mark = &rest[position..=position];
        rest = &rest[position + 1..];
        if let Some(doubled) = rest.strip_prefix(mark) {
            plain.push_str(mark);
            rest = doubled;
        } else if mark == "}" {
            return Err("a `}` without a `{` in the format string\nhint: write `}}` for a brace".to_owned());
        } else {
            let end = rest.find('}').ok_or_else(|| {
                "a `{` without a `}` in the format string\nhint: write `{{` for a brace".to_owned()
            })?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(value(&rest[..end])?);
            rest = &rest[end + 1..];
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

/// What stands between braces.
fn value(text: &str) -> Result<Part, String> {
    let (argument, format) = text.split_once(':').unwrap_or((text, ""));
    let argument = match argument.trim() {
        "" => Argument::Next,
        number if number.chars().all(|c| c.is_ascii_digit()) => {
            Argument::Position(number.parse().map_err(|_| format!("there is no value `{{{number}}}`"))?)
        }
        name if is_name(name) => Argument::Name(name.to_owned()),
        other => {
            return Err(format!(
                "`{{{other}}}` is no name\nhint: write `{{}}` and the value behind the string: `\"{{}}\", {other}`"
            ));
        }
    };
    Ok(Part::Value(argument, specification(format.trim_end())?))
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

fn specification(text: &str) -> Result<Format, String> {
    let mut format = Format::default();
    let mut rest = text;
    let mut characters = text.chars();
    match (characters.next(), characters.next().and_then(alignment)) {
        (Some(fill), Some(side)) => {
            (format.fill, format.alignment) = (fill, Some(side));
            rest = characters.as_str();
        }
        (Some(first), None) => {
            if let Some(side) = alignment(first) {
                format.alignment = Some(side);
                rest = &rest[1..];
            }
        }
        _ => {}
    }
    format.plus = take(&mut rest, "+");
    format.alternate = take(&mut rest, "#");
    // A zero alone is a width of nothing.
    format.zero = take(&mut rest, "0");
    format.width = number(&mut rest, text)?.unwrap_or(0);
    if take(&mut rest, ".") {
        let precision = number(&mut rest, text)?;
        format.precision = Some(precision.ok_or_else(|| not_a_number(text))?);
    }
    format.style = style(rest).ok_or_else(|| {
        if rest.contains(['$', '*']) {
            return not_a_number(text);
        }
        format!(
            "`{rest}` is no way to write a number\nhint: kernels write `{{}}`, `{{:?}}`, `{{:x}}`, `{{:X}}`, `{{:b}}`, `{{:o}}`, `{{:e}}` and `{{:E}}`"
        )
    })?;
    Ok(format)
}

fn not_a_number(text: &str) -> String {
    format!(
        "the width and the precision in `{{:{text}}}` must be numbers\nhint: write them into the string, as in `{{:8.3}}`"
    )
}

fn take(rest: &mut &str, mark: &str) -> bool {
    match rest.strip_prefix(mark) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn number(rest: &mut &str, text: &str) -> Result<Option<usize>, String> {
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 {
        return Ok(None);
    }
    let (number, after) = rest.split_at(digits);
    if after.starts_with('$') {
        return Err(not_a_number(text));
    }
    *rest = after;
    match number.parse() {
        Ok(number) if number <= WIDTH_LIMIT => Ok(Some(number)),
        _ => Err(format!("`{number}` is too wide\nhint: at most {WIDTH_LIMIT} characters or digits")),
    }
}

fn alignment(mark: char) -> Option<&'static str> {
    Some(match mark {
        '<' => "Left",
        '^' => "Center",
        '>' => "Right",
        _ => return None,
    })
}

fn style(mark: &str) -> Option<&'static str> {
    Some(match mark {
        "" => "Display",
        "?" => "Debug",
        "x?" => "DebugLowerHex",
        "X?" => "DebugUpperHex",
        "x" => "LowerHex",
        "X" => "UpperHex",
        "b" => "Binary",
        "o" => "Octal",
        "e" => "LowerExp",
        "E" => "UpperExp",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn texts_and_values_alternate() {
        assert_eq!(parse(""), Ok(vec![]));
        assert_eq!(parse("{{}}"), Ok(vec![text("{}")]));
        assert_eq!(
            parse("a {x} b{} {0}"),
            Ok(vec![
                text("a "),
                Part::Value(Argument::Name("x".to_owned()), Format::default()),
                text(" b"),
                Part::Value(Argument::Next, Format::default()),
                text(" "),
                Part::Value(Argument::Position(0), Format::default()),
            ])
        );
    }

    #[test]
    fn every_part_of_a_specification_is_understood() {
        let format = |text: &str| match parse(text).unwrap().pop() {
            Some(Part::Value(_, format)) => format,
            other => panic!("{other:?}"),
        };
        let plain = Format::default();
        assert_eq!(format("{:>5}"), Format { alignment: Some("Right"), width: 5, ..plain.clone() });
        assert_eq!(
            format("{:*^+#7.2e}"),
            Format {
                fill: '*',
                alignment: Some("Center"),
                plus: true,
                alternate: true,
                width: 7,
                precision: Some(2),
                style: "LowerExp",
                ..plain.clone()
            }
        );
        assert_eq!(
            format("{:#010x}"),
            Format { alternate: true, zero: true, width: 10, style: "LowerHex", ..plain.clone() }
        );
        assert_eq!(format("{x:?}"), Format { style: "Debug", ..plain.clone() });
        assert_eq!(format("{:.3}"), Format { precision: Some(3), ..plain });
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for text in ["{", "}", "a } b", "{x.y}", "{:w$}", "{:.*}", "{:.}", "{:y}", "{:5000}", "{:.2$}"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
