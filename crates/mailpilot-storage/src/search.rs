//! Finding text: what "in any case" means, and the index that narrows down where to look.
//!
//! The index only proposes; whether an entry matches is always decided on its own text. It is filled
//! in a second step, so entries above its mark are looked at one by one.

use rusqlite::params;

use crate::{
    activity::{kinds_in, lists_of},
    error::{Fault, StorageError},
    writer::Tx,
};

const MIN_CHARS: usize = 3;
/// More parts of a long text do not narrow it down further.
const MAX_TRIGRAMS: usize = 24;
/// Stand between the fields of an indexed text; a search that holds them finds them all the same.
const FIELD: char = '\u{1}';
const LIST: char = '\u{2}';
/// First of the private-use characters that stand for lists.
const FIRST_LIST: u32 = 0x10_0000;
const LAST_LIST: u32 = 0x10_FFFD;

/// Text in the form in which it is compared: each character upper-cased, then lower-cased.
///
/// Character by character, so that a part of a text folds to a part of the folded text.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// A text that is looked for.
#[derive(Clone, Debug)]
pub(crate) struct Term(String);

impl Term {
    /// # Errors
    /// [`StorageError::SearchTooShort`] below three characters.
    pub(crate) fn new(text: &str) -> Result<Self, StorageError> {
        if text.chars().nth(MIN_CHARS - 1).is_none() {
            return Err(StorageError::SearchTooShort);
        }
        Ok(Self(fold(text)))
    }

    /// A text of any length, for lists without an index.
    pub(crate) fn any_length(text: &str) -> Self {
        Self(fold(text))
    }

    /// Whether `text` holds it, in any case.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return fold(text).contains(&self.0);
        }
        // ASCII folds to ASCII, byte by byte: no copy is needed.
        let term = self.0.as_bytes();
        term.is_empty()
            || text
                .as_bytes()
                .windows(term.len())
                .any(|part| part.eq_ignore_ascii_case(term))
    }

    /// A query of the index that finds at least every indexed entry holding the text.
    pub(crate) fn query(&self, lists: Option<&[i64]>) -> String {
        let folded = indexable(&self.0);
        let chars: Vec<char> = folded.chars().collect();
        let windows: Vec<&[char]> = chars.windows(MIN_CHARS).collect();
        let stride = windows.len().div_ceil(MAX_TRIGRAMS).max(1);
        let mut query = String::new();
        for window in windows.into_iter().step_by(stride) {
            if !query.is_empty() {
                query.push_str(" AND ");
            }
            quote(&mut query, window);
        }
        if let Some(lists) = lists {
            query.push_str(" AND (");
            for (i, list) in lists.iter().enumerate() {
                if i > 0 {
                    query.push_str(" OR ");
                }
                quote(&mut query, &[FIELD, LIST, list_char(*list)]);
            }
            query.push(')');
        }
        query
    }
}

/// Puts three characters as one literal of the index's query language.
fn quote(query: &mut String, chars: &[char]) {
    query.push('"');
    for c in chars {
        if *c == '"' {
            query.push('"');
        }
        query.push(*c);
    }
    query.push('"');
}

/// The tokenizer ends at NUL; folded text must not hold it.
fn indexable(folded: &str) -> std::borrow::Cow<'_, str> {
    if folded.contains('\0') {
        folded.replace('\0', "\u{1}").into()
    } else {
        folded.into()
    }
}

/// Lists beyond the private-use plane share its last character; the look at the entry tells them apart.
fn list_char(list: i64) -> char {
    let offset = u32::try_from(list).unwrap_or(u32::MAX);
    char::from_u32(FIRST_LIST.saturating_add(offset).min(LAST_LIST))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What the index holds of one entry.
fn index_text(texts: [Option<&str>; 3], lists: &[i64]) -> String {
    let mut text = String::new();
    for field in texts.into_iter().flatten() {
        text.push_str(&indexable(&fold(field)));
        text.push(FIELD);
    }
    for list in lists {
        text.extend([FIELD, LIST, list_char(*list)]);
    }
    text
}

/// Puts up to `rows` more entries into the index; gives the new mark.
pub(crate) fn index_step(tx: &mut Tx<'_>, rows: i64) -> Result<i64, Fault> {
    let conn = tx.conn;
    let mut select = conn.prepare_cached(
        "SELECT id, account, failed, subject, sender, message_id, actions FROM activity \
         WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut insert =
        conn.prepare_cached("INSERT INTO activity_search (rowid, text) VALUES (?1, ?2)")?;
    let mut found = select.query(params![tx.indexed, rows])?;
    let mut mark = tx.indexed;
    while let Some(row) = found.next()? {
        mark = row.get(0)?;
        let kinds = kinds_in(row.get_ref(6)?.as_str()?)?;
        let lists = lists_of(tx, row.get(1)?, row.get(2)?, &kinds)?;
        let field =
            |i: usize| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(i)?.as_str_or_null()?) };
        let text = index_text([field(3)?, field(4)?, field(5)?], &lists);
        insert.execute(params![mark, text])?;
    }
    drop(found);
    if mark > tx.indexed {
        conn.prepare_cached("UPDATE mark SET value = ?1 WHERE name = 'indexed'")?
            .execute([mark])?;
    }
    Ok(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(term: &str, text: &str, expected: bool) {
        assert_eq!(
            Term::any_length(term).is_in(text),
            expected,
            "{term:?} in {text:?}"
        );
    }

    #[test]
    fn a_text_is_found_in_any_case_and_without_wildcards() {
        check("INV", "an invoice", true);
        check("strasse", "Große STRAßE 5", true);
        check("straße", "STRASSE", true);
        check("σίσυφος", "ΣΊΣΥΦΟΣ", true);
        check("\u{212a}elvin", "kelvin", true);
        check("ſee", "SEE", true);
        check("100%", "100 percent", false);
        check("a_b", "axb", false);
        check("", "", true);
        check("abc", "ab", false);
    }

    #[test]
    fn a_query_quotes_everything_and_has_a_bounded_length() {
        let query = |text: &str, lists| Term::new(text).unwrap().query(lists);
        assert_eq!(query("A\"b\0", None), "\"a\"\"b\" AND \"\"\"b\u{1}\"");
        assert_eq!(
            query("abc", Some(&[7])),
            "\"abc\" AND (\"\u{1}\u{2}\u{100007}\")"
        );
        assert!(query(&"abcdef".repeat(1_000), None).len() < 30 * MAX_TRIGRAMS);
    }
}
