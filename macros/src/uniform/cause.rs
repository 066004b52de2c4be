//! Why work-items may disagree, and how that is said.

/// Where a value that may differ between the work-items of a group has that from.
#[derive(Clone)]
pub struct Cause {
    /// What differs, as a clause without its subject.
    origin: Origin,
    /// The line where that stands.
    line: u32,
    /// The variable through which it was read last.
    through: Option<String>,
}

/// What makes a value differ.
#[derive(Clone)]
pub enum Origin {
    /// An id, as written.
    Id(String),
    /// An element of memory, as written.
    Element(String),
    /// What an operation over a group gives to each of its work-items, as written.
    Operation(String),
    /// A call or another construct whose result nobody knows, as written.
    Unknown(String),
    /// An assignment where the work-items had parted: where they did.
    Assigned(String),
    /// A variable whose memory others may change, by name.
    Lent(String),
    /// A parameter of the function, by name.
    Parameter(String),
}

impl Cause {
    pub fn new(origin: Origin, line: u32) -> Self {
        Cause { origin, line, through: None }
    }

    /// The cause as seen through a variable.
    pub fn through(mut self, variable: &str) -> Self {
        self.through = Some(variable.to_owned());
        self
    }

    /// What to say of an argument of `function` that decides who comes to where the work-items meet in there.
    pub fn message_of_argument(&self, function: &str, argument: &str) -> String {
        format!(
            "`{function}` decides by this argument who comes to its operations over the group, so it must be the same for all \
             work-items of a group, but {}\n\
             hint: if they always agree, write `falx::uniform({argument})`",
            self.reason()
        )
    }

    /// A sentence without its end: who differs, and why.
    fn reason(&self) -> String {
        let line = self.line;
        let source = match &self.origin {
            Origin::Id(text) => format!("`{text}`"),
            Origin::Element(text) => format!("the element `{text}`"),
            Origin::Parameter(text) => format!("the parameter `{text}`"),
            Origin::Operation(text) => format!("`{text}`, which gives each work-item its own,"),
            Origin::Unknown(text) => format!("`{text}`, of which nothing is known,"),
            Origin::Assigned(text) => {
                let variable = self.through.as_deref().unwrap_or("it");
                return format!("`{variable}` is assigned under `{text}` in line {line}");
            }
            Origin::Lent(text) => return format!("`{text}` is lent to be changed in line {line}"),
        };
        match &self.through {
            Some(variable) => format!("`{variable}` comes from {source} in line {line}"),
            None => format!("{source} may differ"),
        }
    }
}

/// A place behind which not all work-items of a group may be together.
#[derive(Clone)]
pub struct Parting {
    /// The start of the construct: `if tid < 16`.
    pub head: String,
    /// The part of it that may differ.
    pub condition: String,
    /// Where it stands.
    pub line: u32,
    /// Why it may differ.
    pub cause: Cause,
}

impl Parting {
    /// What to say of `name`, an operation that all work-items must reach.
    pub fn message(&self, name: &str) -> String {
        let Parting { head, condition, line, cause } = self;
        format!(
            "not every work-item of a group may reach this `{name}`: they part at `{head}` in line {line}, since {}\n\
             hint: move it to where all work-items come; if they always agree, write `falx::uniform({condition})`",
            cause.reason()
        )
    }

    /// Why a value that was assigned here may differ.
    pub fn of_assignment(&self) -> Cause {
        Cause::new(Origin::Assigned(self.head.clone()), self.line)
    }
}
