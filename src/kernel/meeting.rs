//! What a device function asks of its callers because the work-items of a group meet in it, worked out by the compiler.

/// What the work-items of a group must agree on to call a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Whether it has an operation over a group, so that all must come to the call or none.
    pub meets: bool,
    /// The parameters that decide who comes to such an operation, by their bits.
    pub agreed: u64,
}

impl Meeting {
    /// The same for a function that also calls `callee`: the parameters `place` decide who comes to the call, and for some of
    /// its arguments there are parameters that decide about them.
    #[must_use]
    pub const fn through(mut self, callee: &Meeting, place: u64, arguments: &[(usize, u64)]) -> Self {
        if !callee.meets {
            return self;
        }
        self.meets = true;
        self.agreed |= place;
        let mut position = 0;
        while position < arguments.len() {
            let (argument, parameters) = arguments[position];
            if argument < 64 && callee.agreed >> argument & 1 == 1 {
                self.agreed |= parameters;
            }
            position += 1;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Meeting;

    #[test]
    fn a_caller_asks_for_what_its_callee_asks_of_the_arguments_it_makes_of_its_parameters() {
        let own = Meeting { meets: false, agreed: 0 };
        let silent = Meeting { meets: false, agreed: 0 };
        assert_eq!(own.through(&silent, 0b1, &[(1, 0b10)]), own);
        let callee = Meeting { meets: true, agreed: 0b10 };
        assert_eq!(
            own.through(&callee, 0, &[(0, 0b100), (1, 0b1000)]),
            Meeting { meets: true, agreed: 0b1000 }
        );
        assert_eq!(own.through(&callee, 0b1, &[]), Meeting { meets: true, agreed: 0b1 });
    }
}
