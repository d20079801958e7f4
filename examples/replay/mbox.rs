//! Reads an mbox file one message at a time, gzip or plain. Must not hold more than one message.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
    rc::Rc,
};

use flate2::bufread::MultiGzDecoder;
use mail_parser::mailbox::mbox::MessageIterator;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
/// How every message of an mbox file begins, and with it the file.
const SEPARATOR: &[u8] = b"From ";

/// The messages of a file in order, each as it was sent: the line `From …` is gone, `>From` is unescaped.
pub(crate) struct Mailbox {
    messages: MessageIterator<Box<dyn BufRead>>,
    position: Rc<Cell<u64>>,
    size: u64,
    is_over: bool,
}

impl Mailbox {
    /// Opens a file; gzip is known by its first bytes, not by its name.
    ///
    /// # Errors
    /// When the file cannot be read or is no mbox file. An empty file is a mailbox without mail.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let position = Rc::new(Cell::new(0));
        let counted = Counted {
            inner: file,
            position: Rc::clone(&position),
        };
        Ok(Self {
            messages: MessageIterator::new(unpack(counted)?),
            position,
            size,
            is_over: false,
        })
    }

    /// How much of the file has been read, 0 to 1. Compressed bytes where the file is compressed.
    #[allow(clippy::cast_precision_loss, reason = "a share for the eye")]
    pub(crate) fn share_read(&self) -> f64 {
        if self.size == 0 {
            1.0
        } else {
            (self.position.get() as f64 / self.size as f64).min(1.0)
        }
    }
}

impl Iterator for Mailbox {
    type Item = io::Result<Vec<u8>>;

    /// After an error there is nothing more: what follows a damaged place cannot be trusted.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.messages.next();
        self.is_over = !matches!(next, Some(Ok(_)));
        next.map(|message| message.map(mail_parser::mailbox::mbox::Message::unwrap_contents))
    }
}

fn unpack(raw: impl Read + 'static) -> io::Result<Box<dyn BufRead>> {
    let (head, raw) = peek(BufReader::new(raw), GZIP_MAGIC.len())?;
    let plain: Box<dyn BufRead> = if head == GZIP_MAGIC {
        Box::new(BufReader::new(MultiGzDecoder::new(raw)))
    } else {
        Box::new(raw)
    };
    let (head, plain) = peek(plain, SEPARATOR.len())?;
    if head.is_empty() || head == SEPARATOR {
        Ok(Box::new(plain))
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "this is no mbox file: it does not begin with `From `",
        ))
    }
}

/// The first bytes, fewer if there are no more, and a reader that begins with them all the same.
fn peek<R: BufRead>(mut reader: R, length: usize) -> io::Result<(Vec<u8>, impl BufRead)> {
    let mut head = Vec::with_capacity(length);
    reader.by_ref().take(length as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

/// Counts what is read through it.
struct Counted<R> {
    inner: R,
    position: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.position.set(self.position.get() + read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const TWO: &str = "From a@example.org  Thu Aug 22 12:36:23 2002\n\
        Subject: one\n\n\
        >From the start\n>>From further in\n>not escaped\nFromage\n\n\
        From b@example.org  Thu Aug 22 12:36:24 2002\n\
        Subject: two\n\nlast line without an end";

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<String>> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(bytes)?;
        Mailbox::open(file.path())?
            .map(|message| message.map(|bytes| String::from_utf8(bytes).unwrap()))
            .collect()
    }

    #[test]
    fn messages_are_split_and_unescaped() {
        let expected = [
            "Subject: one\n\nFrom the start\n>From further in\n>not escaped\nFromage\n\n",
            "Subject: two\n\nlast line without an end",
        ];
        assert_eq!(read(TWO.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn a_compressed_file_reads_like_a_plain_one() {
        let plain = read(TWO.as_bytes()).unwrap();
        assert_eq!(read(&packed(TWO.as_bytes())).unwrap(), plain);
    }

    #[test]
    fn compressed_files_set_end_to_end_are_one_mailbox() {
        let ended = format!("{TWO}\n\n");
        let both = [packed(ended.as_bytes()), packed(ended.as_bytes())].concat();
        assert_eq!(read(&both).unwrap().len(), 4);
    }

    #[test]
    fn line_ends_of_windows_stay() {
        let messages = read(TWO.replace('\n', "\r\n").as_bytes()).unwrap();
        assert_eq!(messages.len(), 2);
        assert!(
            messages[0].starts_with("Subject: one\r\n\r\nFrom the start\r\n"),
            "{}",
            messages[0]
        );
    }

    #[test]
    fn a_file_cut_off_gives_its_whole_messages_and_then_one_error() {
        // Incompressible enough for the cut to fall into the second message.
        let noise: String = (0_u32..4_000)
            .map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26))
            .collect();
        let mut whole = packed(
            format!(
                "From a\nSubject: one\n\n{noise}\n\nFrom b\nSubject: two\n\n{noise}{noise}{noise}\n"
            )
            .as_bytes(),
        );
        whole.truncate(whole.len() - 20);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&whole).unwrap();
        let results: Vec<_> = Mailbox::open(file.path())
            .unwrap()
            .map(|m| m.is_ok())
            .collect();
        assert_eq!(results, [true, false]);
    }

    #[test]
    fn an_empty_file_has_no_mail_and_another_format_is_refused() {
        assert_eq!(read(b"").unwrap(), Vec::<String>::new());
        assert_eq!(read(&packed(b"")).unwrap(), Vec::<String>::new());
        for other in [
            &b"Subject: not a mailbox\n\n"[..],
            b"Fro",
            b"\x1f\x8bnot gzip",
        ] {
            assert!(read(other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn the_share_read_ends_at_one() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(TWO.as_bytes()).unwrap();
        let mut mailbox = Mailbox::open(file.path()).unwrap();
        while mailbox.next().is_some() {}
        assert!((mailbox.share_read() - 1.0).abs() < f64::EPSILON);
    }
}
