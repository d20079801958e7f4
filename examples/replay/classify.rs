//! Decides what would be done with a mail, by rules anybody can check. Looks at headers only, keeps nothing.

use mail_parser::{HeaderName, Message};
use serde::Serialize;

use crate::text::{raw_header, shorten};

const JUNK: &str = "Junk";
const LISTS: &str = "Lists";
const MAX_LIST_NAME: usize = 64;
const MAX_REASON: usize = 500;
/// One sign alone is often an accident; a list's newsletter shouts too.
const SIGNS_OF_JUNK: usize = 2;

/// One thing done to a mail, as the API takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Action {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    flags: &'static [&'static str],
    reason: String,
}

impl Action {
    fn new(r#type: &'static str, reason: &str) -> Self {
        Self {
            r#type,
            folder: None,
            flags: &[],
            reason: shorten(reason, MAX_REASON),
        }
    }

    fn moved(folder: impl Into<String>, reason: &str) -> Self {
        Self {
            folder: Some(folder.into()),
            ..Self::new("move", reason)
        }
    }

    fn flagged(r#type: &'static str, flags: &'static [&'static str], reason: &str) -> Self {
        Self {
            flags,
            ..Self::new(r#type, reason)
        }
    }
}

/// The first rule that fits decides.
pub(crate) fn decide(mail: &Message<'_>) -> Action {
    if let Some(mark) = marked_as_spam(mail) {
        return Action::moved(JUNK, &format!("already marked as spam: {mark}"));
    }
    let signs: Vec<&str> = SIGNS
        .iter()
        .filter(|(shows, _)| shows(mail))
        .map(|(_, name)| *name)
        .collect();
    if signs.len() >= SIGNS_OF_JUNK {
        return Action::moved(JUNK, &signs.join("; "));
    }
    if let Some(list) = raw_header(mail, "List-Id") {
        return Action::moved(list_folder(&list), &format!("List-Id: {list}"));
    }
    if let [sign] = signs.as_slice() {
        return Action::flagged("flag", &["\\Flagged"], sign);
    }
    match raw_header(mail, "Precedence") {
        Some(value)
            if ["bulk", "junk", "list"]
                .iter()
                .any(|bulk| value.eq_ignore_ascii_case(bulk)) =>
        {
            Action::flagged("read", &["\\Seen"], &format!("Precedence: {value}"))
        }
        _ => Action::new("keep", "no rule fits"),
    }
}

/// What another filter has said.
fn marked_as_spam(mail: &Message<'_>) -> Option<&'static str> {
    let begins = |name: &str, word: &str| {
        raw_header(mail, name).is_some_and(|value| {
            value
                .get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        })
    };
    let subject = mail.subject().unwrap_or_default().to_ascii_lowercase();
    if begins("X-Spam-Flag", "yes") {
        Some("X-Spam-Flag")
    } else if begins("X-Spam-Status", "yes") {
        Some("X-Spam-Status")
    } else if begins("X-Spam-Level", "*****") {
        Some("X-Spam-Level")
    } else if ["[spam]", "*****spam*****", "***spam***", "{spam?}"]
        .iter()
        .any(|mark| subject.starts_with(mark))
    {
        Some("Subject")
    } else {
        None
    }
}

type Sign = fn(&Message<'_>) -> bool;

/// What people who send mail seldom do, and senders of junk often.
const SIGNS: [(Sign, &str); 7] = [
    (is_labelled_advertising, "Subject says it is advertising"),
    (has_tracking_tail, "Subject ends in a tracking code"),
    (is_shouting, "Subject is all capitals"),
    (promises_money, "Subject promises money or a miracle"),
    (has_no_sender, "From has no address"),
    (has_no_date, "Date is missing or is none"),
    (is_html_alone, "HTML without a text version"),
];

fn subject(mail: &Message<'_>) -> String {
    let subject = mail.subject().unwrap_or_default().trim();
    let without_list = subject
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map_or(subject, |(_, rest)| rest);
    without_list.trim_start().to_owned()
}

fn is_labelled_advertising(mail: &Message<'_>) -> bool {
    let subject = subject(mail).to_ascii_uppercase();
    ["ADV:", "ADV ", "ADV-", "(ADV"]
        .iter()
        .any(|label| subject.starts_with(label))
}

/// `Rates are down        ptjti`: a gap, then one word that tells copies apart.
fn has_tracking_tail(mail: &Message<'_>) -> bool {
    subject(mail)
        .rsplit_once("     ")
        .is_some_and(|(text, tail)| {
            !text.trim().is_empty() && !tail.trim().is_empty() && !tail.trim().contains(' ')
        })
}

fn is_shouting(mail: &Message<'_>) -> bool {
    let subject = subject(mail);
    let letters = subject.chars().filter(char::is_ascii_alphabetic).count();
    letters >= 12 && !subject.chars().any(|c| c.is_ascii_lowercase()) && subject.contains(' ')
}

fn promises_money(mail: &Message<'_>) -> bool {
    const WORDS: [&str; 14] = [
        "$$$",
        "100% free",
        "as seen on",
        "cash",
        "debt",
        "earn ",
        "free!",
        "guaranteed",
        "lose weight",
        "lowest rate",
        "make money",
        "mortgage",
        "viagra",
        "work at home",
    ];
    let subject = subject(mail).to_lowercase();
    WORDS.iter().any(|word| subject.contains(word))
}

fn has_no_sender(mail: &Message<'_>) -> bool {
    let address = mail
        .from()
        .and_then(|from| from.first())
        .and_then(|first| first.address());
    !address.is_some_and(|address| address.contains('@'))
}

fn has_no_date(mail: &Message<'_>) -> bool {
    !mail.date().is_some_and(mail_parser::DateTime::is_valid)
}

fn is_html_alone(mail: &Message<'_>) -> bool {
    mail.header(HeaderName::ContentType)
        .and_then(|value| value.as_content_type())
        .is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("text")
                && kind
                    .subtype()
                    .is_some_and(|s| s.eq_ignore_ascii_case("html"))
        })
}

/// `Friends of Rohit <fork.xent.com>` goes to `Lists/fork`.
fn list_folder(list_id: &str) -> String {
    let id = list_id.rsplit_once('<').map_or(list_id, |(_, id)| {
        id.split_once('>').map_or(id, |(id, _)| id)
    });
    let label = id.trim().split('.').next().unwrap_or_default();
    let name: String = label
        .chars()
        .filter(|c| c.is_alphanumeric() || "-_+".contains(*c))
        .take(MAX_LIST_NAME)
        .collect();
    if name.is_empty() {
        LISTS.to_owned()
    } else {
        format!("{LISTS}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;

    /// Headers of a mail nobody would object to, then those under test.
    const GOOD: &str = "From: Ann <ann@example.org>\nDate: Thu, 22 Aug 2002 12:36:23 +0100\n";

    fn decided(headers: &str) -> String {
        let text = format!("{headers}\n\nbody\n");
        let mail = MessageParser::default().parse_headers(&text).unwrap();
        let Action { r#type, folder, .. } = decide(&mail);
        folder.map_or_else(
            || r#type.to_owned(),
            |folder| format!("{type} {folder}", r#type = r#type),
        )
    }

    #[track_caller]
    fn check(headers: &str, expected: &str) {
        assert_eq!(decided(&format!("{GOOD}{headers}")), expected, "{headers}");
    }

    #[test]
    fn mail_without_a_sign_is_kept() {
        check("Subject: lunch?", "keep");
        check("Subject: Re: CPU", "keep");
        check("X-Spam-Flag: NO\nX-Spam-Level: **\nSubject: hello", "keep");
    }

    #[test]
    fn list_mail_goes_to_its_folder() {
        check(
            "List-Id: Friends of Rohit <fork.xent.com>",
            "move Lists/fork",
        );
        check(
            "List-ID: <freebsd-ports.FreeBSD.ORG>",
            "move Lists/freebsd-ports",
        );
        check(
            "List-Id: The Python language\n\t<python-list.python.org>",
            "move Lists/python-list",
        );
        check("List-Id: no brackets", "move Lists/nobrackets");
        check("List-Id: <../../etc>", "move Lists");
        check(
            "List-Id: \u{fc}ber <\u{e4}pfel.example>",
            "move Lists/\u{e4}pfel",
        );
    }

    #[test]
    fn what_another_filter_marked_goes_to_junk_even_from_a_list() {
        for mark in [
            "X-Spam-Flag: YES",
            "X-Spam-Status: Yes, hits=7.1",
            "X-Spam-Level: ******",
            "Subject: [SPAM] hello",
        ] {
            check(&format!("List-Id: <a.example>\n{mark}"), "move Junk");
        }
    }

    #[test]
    fn one_sign_flags_and_two_condemn() {
        check("Subject: BANK ERROR IN YOUR FAVOR", "flag");
        check("Subject: ADV: a thing", "flag");
        check("Subject: Rates are down       ptjti", "flag");
        check("Subject: hello\nContent-Type: text/html", "flag");
        check("Subject: Best mortgage       ptjti", "move Junk");
        check("Subject: [ILUG] GUARANTEED WINNER OF CASH", "move Junk");
        check(
            "Subject: hello\nContent-Type: text/html\nList-Id: <a.example>",
            "move Lists/a",
        );
        assert_eq!(
            decided("Subject: hello"),
            "move Junk",
            "neither sender nor date"
        );
    }

    #[test]
    fn bulk_mail_is_marked_as_read() {
        check("Subject: news\nPrecedence: Bulk", "read");
        check("Subject: news\nPrecedence: normal", "keep");
    }
}
