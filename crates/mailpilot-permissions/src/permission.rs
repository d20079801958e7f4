//! The thirteen names, and nothing else.

use std::{fmt, str::FromStr};

/// What a permission is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Area {
    /// Statistics.
    Stats,
    /// Activity entries: what was done to which mail.
    Activity,
    /// Application logs.
    Logs,
    /// Exports and their defaults.
    Export,
    /// Account configuration and control.
    Accounts,
}

/// Whether a permission lets its holder look or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// To look.
    Read,
    /// To change. Does not include [`Access::Read`].
    Write,
}

/// One permission, as granted to a key or required by a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// `read:x` or `write:x`.
    On(Access, Area),
    /// `read:*` or `write:*`.
    Every(Access),
    /// `*`: everything, the making of further keys included.
    Full,
}

impl Permission {
    /// All thirteen, in the order they are shown.
    pub const ALL: [Self; 13] = {
        use {Access::*, Area::*};
        [
            Self::On(Read, Stats),
            Self::On(Read, Activity),
            Self::On(Read, Logs),
            Self::On(Read, Export),
            Self::On(Read, Accounts),
            Self::Every(Read),
            Self::On(Write, Stats),
            Self::On(Write, Activity),
            Self::On(Write, Logs),
            Self::On(Write, Export),
            Self::On(Write, Accounts),
            Self::Every(Write),
            Self::Full,
        ]
    };

    /// The name as it stands in configuration and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        use {Access::*, Area::*};
        match self {
            Self::On(Read, Stats) => "read:stats",
            Self::On(Read, Activity) => "read:activity",
            Self::On(Read, Logs) => "read:logs",
            Self::On(Read, Export) => "read:export",
            Self::On(Read, Accounts) => "read:accounts",
            Self::Every(Read) => "read:*",
            Self::On(Write, Stats) => "write:stats",
            Self::On(Write, Activity) => "write:activity",
            Self::On(Write, Logs) => "write:logs",
            Self::On(Write, Export) => "write:export",
            Self::On(Write, Accounts) => "write:accounts",
            Self::Every(Write) => "write:*",
            Self::Full => "*",
        }
    }

    /// Whether holding `self` is enough where `required` is asked for.
    #[must_use]
    pub fn covers(self, required: Self) -> bool {
        match self {
            Self::Full => true,
            Self::Every(access) => {
                matches!(required, Self::On(a, _) | Self::Every(a) if a == access)
            }
            Self::On(..) => self == required,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of the thirteen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown permission `{name}`")]
pub struct UnknownPermission {
    /// What was found.
    pub name: String,
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.name() == name)
            .ok_or_else(|| UnknownPermission {
                name: name.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_itself() {
        for permission in Permission::ALL {
            assert_eq!(permission.name().parse(), Ok(permission));
        }
        assert!("read:log".parse::<Permission>().is_err());
        assert!("READ:LOGS".parse::<Permission>().is_err());
    }

    #[test]
    fn writing_does_not_include_reading() {
        for area in [
            Area::Stats,
            Area::Activity,
            Area::Logs,
            Area::Export,
            Area::Accounts,
        ] {
            let (read, write) = (
                Permission::On(Access::Read, area),
                Permission::On(Access::Write, area),
            );
            assert!(!write.covers(read) && !read.covers(write));
            assert!(Permission::Every(Access::Read).covers(read));
            assert!(!Permission::Every(Access::Read).covers(write));
            assert!(!Permission::Every(Access::Write).covers(read));
            assert!(Permission::Full.covers(read) && Permission::Full.covers(write));
        }
    }

    #[test]
    fn only_full_access_covers_full_access() {
        let covering: Vec<_> = Permission::ALL
            .into_iter()
            .filter(|p| p.covers(Permission::Full))
            .collect();
        assert_eq!(covering, [Permission::Full]);
    }
}
