//! Server-sent events as an OpenAI-compatible server streams them, read from pieces cut anywhere.
//!
//! The grammar is that of the HTML standard, section 9.2.6: lines end in LF, CR or CRLF; `data` lines are joined; a
//! line that begins with a colon is a comment, by which servers keep a connection alive; a blank line ends an event.
//! What comes from a server is data: an event has a size it may not pass, and it must be UTF-8.

use std::ops::ControlFlow;

/// Bytes of one event at most; a piece of an answer has some hundred.
const LONGEST: usize = 256 * 1024;

/// What is wrong with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// An event or a line passed its size.
    TooLong,
    /// Its bytes are no text.
    NotUtf8,
}

/// A reader of events that keeps what has arrived of the next one.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    after_return: bool,
    begun: bool,
}

impl Events {
    /// Takes the next bytes; `on` hears the data of each event that ends in them, until it breaks.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        on: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        for &byte in bytes {
            let second_half = std::mem::take(&mut self.after_return) && byte == b'\n';
            match byte {
                b'\n' if second_half => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    if self.end_of_line(on)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                _ => {
                    let waiting = self.data.as_ref().map_or(0, Vec::len);
                    if self.line.len() + waiting >= LONGEST {
                        return Err(Fault::TooLong);
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end_of_line(
        &mut self,
        on: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            return match self.data.take() {
                Some(data) => Ok(on(std::str::from_utf8(&data).map_err(|_| Fault::NotUtf8)?)),
                None => Ok(ControlFlow::Continue(())),
            };
        }
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &line[line.len()..]),
        };
        // Comments have no name; `event`, `id` and `retry` say nothing that the data does not.
        if name == b"data" {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<String>, Fault> {
        let (mut events, mut heard) = (Events::default(), Vec::new());
        for piece in pieces {
            let _ = events.feed(piece, &mut |data| {
                heard.push(data.to_owned());
                ControlFlow::Continue(())
            })?;
        }
        Ok(heard)
    }

    #[test]
    fn events_are_the_same_wherever_the_pieces_are_cut() {
        let stream = "\u{feff}: hello\r\n\r\ndata: {\"a\":\"违约金\"}\r\n\r\nevent: x\nid:1\ndata:one\ndata: two\n\n:\n\ndata\n\ndata:  kept\r\rretry: 5\n\ndata: [DONE]\n\ndata: half".as_bytes();
        let wanted = ["{\"a\":\"违约金\"}", "one\ntwo", "", " kept", "[DONE]"];
        assert_eq!(read(&[stream]).unwrap(), wanted);
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(&bytes).unwrap(), wanted);
        for cut in 0..stream.len() {
            let (first, second) = stream.split_at(cut);
            assert_eq!(read(&[first, second]).unwrap(), wanted, "cut at {cut}");
        }
    }

    #[test]
    fn a_huge_line_many_lines_of_one_event_and_bytes_that_are_no_text_are_faults() {
        assert_eq!(read(&[&vec![b'x'; LONGEST + 1]]), Err(Fault::TooLong));
        assert_eq!(
            read(&[&b"data: 12345678\n".repeat(LONGEST / 8)]),
            Err(Fault::TooLong)
        );
        assert_eq!(read(&[b"data: \xff\xfe\n\n"]), Err(Fault::NotUtf8));
        // An empty line of data costs a line feed each, which counts too.
        assert_eq!(read(&[&b"data\n".repeat(LONGEST + 2)]), Err(Fault::TooLong));
    }

    #[test]
    fn nothing_is_heard_behind_a_break() {
        let (mut events, mut count) = (Events::default(), 0);
        let flow = events.feed(b"data: 1\n\ndata: 2\n\n", &mut |_| {
            count += 1;
            ControlFlow::Break(())
        });
        assert_eq!((flow, count), (Ok(ControlFlow::Break(())), 1));
    }
}
