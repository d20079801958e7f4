//! Turns one mail into the entry that `POST /api/activity` takes. Sends nothing.

use std::{collections::HashMap, time::Instant};

use mail_parser::{Message, MessageParser};
use mailpilot_clock::Timestamp;
use ring::digest;
use serde::Serialize;

use crate::{
    classify::{self, Action},
    text::{head, raw_header, shorten},
};

// What the API takes, in bytes; what is longer is shortened here rather than refused there.
const MAX_MESSAGE_ID: usize = 1_000;
const MAX_KEY: usize = 255;
const MAX_TEXT: usize = 2_000;

/// One processed mail.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry<'a> {
    message_id: String,
    account_name: &'a str,
    actions: Vec<Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// Milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    idempotency_key: String,
}

impl Entry<'_> {
    /// Whether the mail could not be read as one.
    pub(crate) fn is_failed(&self) -> bool {
        self.error.is_some()
    }

    /// How many actions the server should count.
    pub(crate) fn counted_actions(&self) -> u64 {
        if self.is_failed() {
            0
        } else {
            self.actions.len() as u64
        }
    }
}

/// Which date an entry has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dates {
    /// The server's: the mail was processed now.
    Processed,
    /// That of the mail, unless it lies after the given time: then it is forged or mistaken.
    Original { now: Timestamp },
}

/// Makes entries of one mailbox for one account.
pub(crate) struct Entries<'a> {
    account: &'a str,
    dates: Dates,
    keys: Keys,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(account: &'a str, dates: Dates) -> Self {
        Self {
            account,
            dates,
            keys: Keys::default(),
        }
    }

    /// Reads and classifies a mail, and measures how long that took. Whatever it is, it gives an entry.
    pub(crate) fn make(&mut self, mail: &[u8]) -> Entry<'a> {
        let began = Instant::now();
        let head = head(mail);
        let parsed = MessageParser::default()
            .parse_headers(&head)
            .filter(is_mail);
        let action = parsed.as_ref().map(classify::decide);
        let duration_ms = began.elapsed().as_secs_f64() * 1_000.0;

        let message_id = parsed.as_ref().and_then(message_id);
        let idempotency_key = self.keys.key_of(message_id.as_deref(), mail);
        Entry {
            message_id: match message_id {
                Some(id) => shorten(&id, MAX_MESSAGE_ID),
                None => format!("no Message-ID, {idempotency_key}"),
            },
            account_name: self.account,
            actions: action.into_iter().collect(),
            subject: parsed
                .as_ref()
                .and_then(Message::subject)
                .map(|subject| shorten(subject, MAX_TEXT)),
            from: parsed
                .as_ref()
                .and_then(sender)
                .map(|sender| shorten(&sender, MAX_TEXT)),
            duration_ms,
            error: parsed
                .is_none()
                .then_some("this is no mail: none of the headers every mail has could be read"),
            created_at: parsed.as_ref().and_then(|mail| self.date(mail)),
            idempotency_key,
        }
    }

    /// How many different mails there were.
    pub(crate) fn distinct(&self) -> usize {
        self.keys.seen.len()
    }

    fn date(&self, mail: &Message<'_>) -> Option<i64> {
        let Dates::Original { now } = self.dates else {
            return None;
        };
        let date = mail.date().filter(|date| date.is_valid())?;
        let millis = date.to_timestamp().checked_mul(1_000)?;
        (Timestamp::MIN.as_millis()..=now.as_millis())
            .contains(&millis)
            .then_some(millis)
    }
}

/// Text with a colon in it parses too; a mail has at least one of the usual headers.
fn is_mail(parsed: &Message<'_>) -> bool {
    const USUAL: [&str; 7] = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Received",
        "Return-Path",
    ];
    parsed.headers().iter().any(|header| {
        USUAL
            .iter()
            .any(|name| header.name().eq_ignore_ascii_case(name))
    })
}

/// The identifier with its angle brackets; a broken one as it stands.
fn message_id(mail: &Message<'_>) -> Option<String> {
    let value = raw_header(mail, "Message-ID")?;
    let bracketed = value.find('<').and_then(|from| {
        let length = value[from..].find('>')?;
        Some(&value[from..=from + length])
    });
    let id = bracketed.unwrap_or(&value).trim();
    (!id.is_empty() && id != "<>").then(|| id.to_owned())
}

/// `Name <address>`, decoded; a broken header as it stands.
fn sender(mail: &Message<'_>) -> Option<String> {
    let first = mail.from().and_then(|from| from.first());
    let parts = first.map(|first| {
        (
            first.name().unwrap_or_default(),
            first.address().unwrap_or_default(),
        )
    });
    match parts {
        None | Some(("", "")) => raw_header(mail, "From").filter(|value| !value.is_empty()),
        Some((name, "")) => Some(name.to_owned()),
        Some(("", address)) => Some(address.to_owned()),
        Some((name, address)) => Some(format!("{name} <{address}>")),
    }
}

type Short = [u8; 16];

/// Gives every mail a key that is the same in every run over the same file.
///
/// The Message-ID is the key, so that a mail is known again in another copy of the mailbox, where a mail program
/// has added headers of its own. Mail without one, and mail that shares it with an earlier, different mail, is
/// known by its content. Remembers 32 bytes for each mail.
#[derive(Debug, Default)]
struct Keys {
    /// What has had a key: the Message-ID's hash, with that of the content, or the content's hash twice.
    seen: HashMap<Short, Short>,
}

impl Keys {
    fn key_of(&mut self, message_id: Option<&str>, mail: &[u8]) -> String {
        let content = content_hash(mail);
        let short = shortened(&content);
        if let Some(id) = message_id {
            let id_hash = digest::digest(&digest::SHA256, id.as_bytes());
            let first = *self.seen.entry(shortened(&id_hash)).or_insert(short);
            if first == short {
                let plain = format!("message-id:{id}");
                let fits = plain.len() <= MAX_KEY && !plain.contains(char::is_control);
                return if fits {
                    plain
                } else {
                    format!("message-id-sha256:{}", hex(&id_hash))
                };
            }
        }
        self.seen.insert(short, short);
        format!("sha256:{}", hex(&content))
    }
}

/// The same for both line ends and however many empty lines follow.
fn content_hash(mail: &[u8]) -> digest::Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    for line in mail.trim_ascii_end().split(|byte| *byte == b'\n') {
        context.update(line.strip_suffix(b"\r").unwrap_or(line));
        context.update(b"\n");
    }
    context.finish()
}

fn shortened(hash: &digest::Digest) -> Short {
    let mut short = Short::default();
    short
        .iter_mut()
        .zip(hash.as_ref())
        .for_each(|(to, from)| *to = *from);
    short
}

fn hex(hash: &digest::Digest) -> String {
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(mails: &[&[u8]]) -> Vec<Entry<'static>> {
        let mut entries = Entries::new("personal", Dates::Processed);
        mails.iter().map(|mail| entries.make(mail)).collect()
    }

    fn entry(mail: impl AsRef<[u8]>) -> Entry<'static> {
        entries(&[mail.as_ref()]).remove(0)
    }

    fn keys(mails: &[&[u8]]) -> Vec<String> {
        entries(mails)
            .into_iter()
            .map(|entry| entry.idempotency_key)
            .collect()
    }

    #[track_caller]
    fn check(header: impl AsRef<[u8]>, subject: Option<&str>, from: Option<&str>) {
        let mail = [header.as_ref(), b"\nMessage-ID: <1@example.org>\n\nbody\n"].concat();
        let entry = entry(&mail);
        assert_eq!(
            (entry.subject.as_deref(), entry.from.as_deref()),
            (subject, from)
        );
        assert!(!entry.is_failed());
    }

    #[test]
    fn headers_are_decoded() {
        check("Subject: =?iso-8859-1?Q?gr=FC=DFe?=", Some("grüße"), None);
        check("Subject: =?GB2312?B?xOO6ww==?=", Some("你好"), None);
        check("Subject: =?koi8-r?B?8NLJ18XU?=", Some("Привет"), None);
        check("Subject: two\n lines", Some("two lines"), None);
        check(
            "From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>",
            None,
            Some("Jörg <joerg@example.org>"),
        );
        check(
            "From: ann@example.org (Ann)",
            None,
            Some("Ann <ann@example.org>"),
        );
        check("From: ann@example.org", None, Some("ann@example.org"));
        check("To: b@example.org", None, None);
    }

    #[test]
    fn broken_headers_stop_nothing() {
        for broken in [
            &b"Subject: =?no-such-charset?Q?abc?="[..],
            b"Subject: =?utf-8?B?****?=",
            b"Subject: =?utf-8?Q?never closed",
            b"Subject: raw \xe9\xff bytes",
            b"From: \"never closed <a@example.org",
            b"From: <<<>>>,,;:",
            b"Date: the day before yesterday\nSubject: \x00\x1b[31m",
            b"Content-Type: multipart/mixed; boundary=\nSubject: x",
        ] {
            let mail = [b"Message-ID: <1@example.org>\n", broken, b"\n\nbody\n"].concat();
            let entry = entry(&mail);
            assert!(!entry.is_failed(), "{}", broken.escape_ascii());
            let texts = [entry.subject, entry.from].into_iter().flatten();
            assert!(
                !texts.collect::<String>().contains(char::is_control),
                "{}",
                broken.escape_ascii()
            );
        }
    }

    #[test]
    fn what_is_no_mail_becomes_an_entry_with_an_error() {
        for text in ["", "\n\n", "just words\n", "He said: hello\n\nand left\n"] {
            let entry = entry(text);
            assert!(entry.is_failed() && entry.actions.is_empty(), "{text:?}");
            assert!(entry.idempotency_key.starts_with("sha256:"), "{text:?}");
            assert_eq!(entry.counted_actions(), 0);
        }
    }

    #[test]
    fn a_mail_without_body_is_a_mail() {
        assert!(!entry("Subject: only this\n").is_failed());
        assert!(!entry("Subject: only this\r\n\r\n").is_failed());
    }

    #[test]
    fn the_key_is_the_message_id() {
        let mails: [&[u8]; 3] = [
            b"Message-Id: <a@example.org>\n\nx\n",
            b"MESSAGE-ID:\n <b@example.org> (comment)\n\nx\n",
            b"Message-ID: broken, no brackets\n\nx\n",
        ];
        assert_eq!(
            keys(&mails),
            [
                "message-id:<a@example.org>",
                "message-id:<b@example.org>",
                "message-id:broken, no brackets"
            ]
        );
    }

    #[test]
    fn a_long_message_id_still_fits() {
        let entry = entry(format!(
            "Message-ID: <{}@example.org>\n\nx\n",
            "é".repeat(2_000)
        ));
        assert!(
            entry.idempotency_key.len() <= MAX_KEY
                && entry.idempotency_key.starts_with("message-id-sha256:")
        );
        assert!(
            entry.message_id.len() <= MAX_MESSAGE_ID,
            "{}",
            entry.message_id.len()
        );
    }

    #[test]
    fn mail_without_message_id_is_known_by_its_content() {
        let unix = b"Subject: a\n\nbody\n";
        let found = keys(&[
            unix,
            b"Subject: a\r\n\r\nbody\r\n\r\n",
            b"Subject: a\n\nother\n",
            b"Message-ID: <>\n\nx\n",
        ]);
        assert!(
            found.iter().all(|key| key.starts_with("sha256:")),
            "{found:?}"
        );
        assert_eq!(found[0], found[1], "line ends do not matter");
        assert_ne!(found[0], found[2]);
        assert!(!entry(unix).message_id.is_empty());
    }

    #[test]
    fn a_shared_message_id_tells_copies_from_different_mail() {
        let (one, other): (&[u8], &[u8]) = (
            b"Message-ID: <a@x>\n\none\n",
            b"Message-ID: <a@x>\n\nother\n",
        );
        let found = keys(&[one, other, one, other]);
        assert_eq!(found[0], "message-id:<a@x>");
        assert!(found[1].starts_with("sha256:"));
        assert_eq!(
            (&found[2], &found[3]),
            (&found[0], &found[1]),
            "the same in every run"
        );
        let mut made = Entries::new("personal", Dates::Processed);
        for mail in [one, other, one, other] {
            made.make(mail);
        }
        assert_eq!(made.distinct(), 2);
    }

    #[test]
    fn dates_are_the_servers_unless_asked_for_and_believable() {
        let dated = |date: &str, dates| {
            Entries::new("personal", dates)
                .make(format!("Date: {date}\n\nx").as_bytes())
                .created_at
        };
        let now = Dates::Original {
            now: Timestamp::from_millis(1_700_000_000_000),
        };
        assert_eq!(
            dated("Thu, 22 Aug 2002 12:36:23 +0100", Dates::Processed),
            None
        );
        assert_eq!(
            dated("Thu, 22 Aug 2002 12:36:23 +0100", now),
            Some(1_030_016_183_000)
        );
        for unbelievable in [
            "yesterday",
            "Thu, 22 Aug 2052 12:36:23 +0100",
            "Thu, 22 Aug 1952 12:36:23 +0100",
            "99 Foo 2002",
        ] {
            assert_eq!(dated(unbelievable, now), None, "{unbelievable}");
        }
    }

    #[test]
    fn an_entry_has_the_names_of_the_api() {
        let mut entry = entry(
            "Message-ID: <a@x>\nSubject: s\nFrom: a@x\nList-Id: <l.x>\nDate: Thu, 22 Aug 2002 12:36:23 +0100\n\nx",
        );
        assert!(entry.duration_ms > 0.0);
        entry.duration_ms = 0.5;
        let expected = serde_json::json!({
            "messageId": "<a@x>",
            "accountName": "personal",
            "actions": [{"type": "move", "folder": "Lists/l", "reason": "List-Id: <l.x>"}],
            "subject": "s",
            "from": "a@x",
            "durationMs": 0.5,
            "idempotencyKey": "message-id:<a@x>",
        });
        assert_eq!(serde_json::to_value(&entry).unwrap(), expected);
    }
}
