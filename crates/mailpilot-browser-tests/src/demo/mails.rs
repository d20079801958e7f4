//! What mails the story is about: those of mailboxes, or a made-up set where there are none.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use flate2::bufread::MultiGzDecoder;
use mail_parser::{HeaderName, Message, MessageParser, mailbox::mbox::MessageIterator};

use super::random::Random;

const MADE_UP: usize = 900;
/// A text longer than the API takes is cut.
const LONGEST: usize = 500;

/// What is known of a mail from its head.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) message_id: String,
    pub(crate) subject: String,
    pub(crate) from: String,
    /// The mailing list it came by.
    pub(crate) list: Option<String>,
    pub(crate) is_spam: bool,
}

/// The mails of these mailboxes, mixed; made-up ones without mailboxes.
pub(crate) fn all(mailboxes: &[PathBuf]) -> Vec<Mail> {
    let mut mails: Vec<Mail> = mailboxes.iter().flat_map(|path| read(path)).collect();
    if mails.is_empty() {
        mails = made_up();
    }
    let mut random = Random::new(7);
    for end in (1..mails.len()).rev() {
        let other = random.below(end as u64 + 1);
        mails.swap(end, usize::try_from(other).unwrap());
    }
    mails
}

fn read(path: &Path) -> Vec<Mail> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = BufReader::new(file);
    let is_packed = path.extension().is_some_and(|ending| ending == "gz");
    let plain: Box<dyn BufRead> = if is_packed {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    let is_spam = path.to_string_lossy().contains("spam");
    MessageIterator::new(plain)
        .filter_map(Result::ok)
        .enumerate()
        .filter_map(|(number, message)| {
            let parsed = MessageParser::default().parse_headers(message.contents())?;
            Some(mail(&parsed, number, is_spam))
        })
        .collect()
}

fn mail(message: &Message<'_>, number: usize, is_spam: bool) -> Mail {
    let sender = message.from().and_then(|from| from.first());
    let from = sender.map(|address| {
        let place = address.address().unwrap_or_default();
        address
            .name()
            .map_or_else(|| place.to_owned(), |name| format!("{name} <{place}>"))
    });
    Mail {
        message_id: message
            .message_id()
            .map_or_else(|| format!("unnamed-{number}@example.org"), cut),
        subject: message.subject().map(cut).unwrap_or_default(),
        from: from.as_deref().map(cut).unwrap_or_default(),
        list: message
            .header_raw(HeaderName::ListId)
            .and_then(|id| id.split_once('<'))
            .and_then(|(_, id)| id.split(['.', '>']).next())
            .map(cut),
        is_spam,
    }
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

fn made_up() -> Vec<Mail> {
    const PEOPLE: [&str; 8] = [
        "Ada Byron",
        "Grace Murray",
        "Alan Mathison",
        "Edsger Wybe",
        "Barbara Jane",
        "Donald Ervin",
        "Frances Elizabeth",
        "Tony Hoare",
    ];
    const BEGINNINGS: [&str; 6] = ["", "Re: ", "Re: ", "Fwd: ", "Reminder: ", "Question: "];
    const MATTERS: [&str; 12] = [
        "minutes of Monday",
        "invoice 2041",
        "the new heat pump",
        "lunch on Thursday?",
        "release plan",
        "backup failed on host 3",
        "train tickets",
        "photos from the lake",
        "draft of chapter two",
        "door code has changed",
        "your order has been sent",
        "a patch for the parser",
    ];
    let mut random = Random::new(3);
    let mut one = |number: usize| {
        let person = *random.pick(&PEOPLE);
        let address = person.to_lowercase().replace(' ', ".");
        Mail {
            message_id: format!("{number}.{}@example.org", random.below(1 << 40)),
            subject: format!("{}{}", random.pick(&BEGINNINGS), random.pick(&MATTERS)),
            from: format!("{person} <{address}@example.org>"),
            list: (random.share() < 0.4).then(|| "parsers".to_owned()),
            is_spam: random.share() < 0.15,
        }
    };
    (0..MADE_UP).map(&mut one).collect()
}
