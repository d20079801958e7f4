//! Pages of lists: `page`, `pageSize`, `cursor`.

use mailpilot_clock::Timestamp;
use mailpilot_storage::{Cursor, PageRequest, PageStart};

use crate::{error::ApiError, query::Query};

const DEFAULT_SIZE: u32 = 50;
const MAX_SIZE: u32 = 200;
/// Deeper, a cursor has to be used: a page number makes the store count every row before it.
const MAX_PAGE: u32 = 10_000;

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging {
    pub(super) request: PageRequest,
    /// 1 when a cursor was given: the page has no number then.
    pub(super) page: u32,
}

impl Paging {
    pub(super) fn of(query: &mut Query<'_>) -> Result<Self, ApiError> {
        let size = query
            .number("pageSize", 1, MAX_SIZE)?
            .unwrap_or(DEFAULT_SIZE);
        let page = query.number("page", 1, MAX_PAGE)?;
        let (start, page) = match query.text("cursor")? {
            Some(text) => (PageStart::After(read(&text)?), 1),
            None => (PageStart::Number(page.unwrap_or(1)), page.unwrap_or(1)),
        };
        Ok(Self {
            request: PageRequest { size, start },
            page,
        })
    }

    /// How many pages `total` rows make.
    pub(super) fn pages(&self, total: u64) -> u64 {
        total.div_ceil(u64::from(self.request.size))
    }
}

/// A cursor as text: opaque to clients, `<hex millis>-<hex id>` to us.
pub(super) fn write(cursor: Cursor) -> String {
    format!("{:x}-{:x}", cursor.at.as_millis(), cursor.id)
}

fn read(text: &str) -> Result<Cursor, ApiError> {
    let parsed = text.split_once('-').and_then(|(at, id)| {
        let at = i64::from_str_radix(at, 16).ok()?;
        let id = i64::from_str_radix(id, 16).ok()?;
        let in_range = (0..=Timestamp::MAX.as_millis()).contains(&at) && id >= 0;
        let cursor = in_range.then(|| Cursor {
            at: Timestamp::from_millis(at),
            id,
        })?;
        (write(cursor) == text).then_some(cursor)
    });
    parsed.ok_or_else(|| {
        ApiError::invalid(
            "cursor",
            "`cursor` is not one this server gave; begin again without it",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let cursor = Cursor {
            at: Timestamp::from_millis(1_700_000_000_123),
            id: 42,
        };
        assert_eq!(read(&write(cursor)).unwrap(), cursor);
        for bad in [
            "",
            "x",
            "1",
            "-",
            "1-",
            "-1-1",
            "1-1-1",
            "1--1",
            "ffffffffffffffffff-1",
            "g-1",
            "A-1",
            "+1-1",
            "01-1",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_goes_before_a_page_and_both_have_bounds() {
        let both = Paging::of(&mut Query::new(Some("page=2&cursor=1-1"))).unwrap();
        assert!(matches!(both.request.start, PageStart::After(_)) && both.page == 1);
        assert!(Paging::of(&mut Query::new(Some("pageSize=201"))).is_err());
        assert!(Paging::of(&mut Query::new(Some("page=0"))).is_err());
        assert_eq!(Paging::of(&mut Query::new(None)).unwrap().request.size, 50);
    }
}
