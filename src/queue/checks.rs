//! `FALX_CHECKS`: what the environment asks of the checks in kernels, for every queue.

use crate::error::{Error, ErrorKind, Result};

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checks {
    /// Checked mode: integers that overflow are failures.
    pub(super) overflow: bool,
    /// For each index of a kernel, whether it was proven to be in range, or why not.
    pub(super) explain: bool,
}

impl Checks {
    /// What the environment asks for.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a word that means nothing.
    pub(super) fn from_environment() -> Result<Checks> {
        std::env::var_os("FALX_CHECKS")
            .map_or(Ok(Checks::default()), |words| Checks::parse(&words.to_string_lossy()))
    }

    fn parse(words: &str) -> Result<Checks> {
        let mut checks = Checks::default();
        for word in words.split(',').map(str::trim) {
            match word {
                "" | "none" => {}
                "overflow" => checks.overflow = true,
                "explain" => checks.explain = true,
                other => {
                    let text = format!(
                        "`FALX_CHECKS` is `{words}`, in which `{other}` means nothing; write `overflow` for checked mode, \
                         `explain` for what is proven of each index, both with a comma between them, or `none`"
                    );
                    return Err(Error::new(ErrorKind::Invalid, text));
                }
            }
        }
        Ok(checks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_any_order_between_commas() {
        let parse = |words| Checks::parse(words).unwrap();
        assert_eq!(parse(""), Checks { overflow: false, explain: false });
        assert_eq!(parse("none"), Checks { overflow: false, explain: false });
        assert_eq!(parse("overflow"), Checks { overflow: true, explain: false });
        assert_eq!(parse("explain, overflow"), Checks { overflow: true, explain: true });
    }

    #[test]
    fn a_word_that_means_nothing_is_named_with_those_that_do() {
        let error = Checks::parse("overflow,explan").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        for part in ["`overflow,explan`", "`explan`", "`explain`", "`none`"] {
            assert!(error.to_string().contains(part), "{part} is missing in: {error}");
        }
    }
}
