//! A set of granted permissions, kept as granted so that it can be shown as it was written.

use std::fmt;

use crate::{Access, Area, Permission};

/// Permissions granted to somebody.
///
/// `read:*` together with `write:*` does not amount to `*`: making further keys has to be granted by name.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u16);

impl PermissionSet {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Everything.
    pub const FULL: Self = Self(1 << 12);

    /// What a key gets when its entry names nothing: `read:stats`.
    #[must_use]
    pub fn default_for_keys() -> Self {
        Self::from_iter([Permission::On(Access::Read, Area::Stats)])
    }

    /// Whether something granted here covers `required`.
    #[must_use]
    pub fn allows(self, required: Permission) -> bool {
        self.iter().any(|granted| granted.covers(required))
    }

    /// Whether everything `other` allows is allowed here too.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        other.iter().all(|p| self.allows(p))
    }

    /// Whether nothing is granted.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The granted permissions as they were written, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .into_iter()
            .enumerate()
            .filter_map(move |(bit, permission)| (self.0 & (1 << bit) != 0).then_some(permission))
    }

    /// The names, as they go into answers and the store.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Permission::name).collect()
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(granted: I) -> Self {
        let mut set = Self::NONE;
        for permission in granted {
            let bit = Permission::ALL
                .iter()
                .position(|p| *p == permission)
                .unwrap_or_default();
            set.0 |= 1 << bit;
        }
        set
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_shows_what_was_granted_and_allows_what_that_covers() {
        let set: PermissionSet = ["read:*", "write:stats"]
            .iter()
            .filter_map(|n| n.parse().ok())
            .collect();
        assert_eq!(set.names(), ["read:*", "write:stats"]);
        assert!(set.allows(Permission::On(Access::Read, Area::Logs)));
        assert!(set.allows(Permission::On(Access::Write, Area::Stats)));
        assert!(!set.allows(Permission::On(Access::Write, Area::Logs)));
        assert!(!set.allows(Permission::Full));
    }

    #[test]
    fn full_access_is_the_last_bit_and_all_reads_and_writes_are_less() {
        assert_eq!(
            PermissionSet::FULL,
            PermissionSet::from_iter([Permission::Full])
        );
        let both = PermissionSet::from_iter([
            Permission::Every(Access::Read),
            Permission::Every(Access::Write),
        ]);
        assert!(!both.allows(Permission::Full));
        assert!(PermissionSet::FULL.includes(both) && !both.includes(PermissionSet::FULL));
    }
}
