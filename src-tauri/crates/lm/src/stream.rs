//! From the bytes of tokens to text that can be shown: nothing that may still change or have to be taken back is let out.

/// Text on its way out. Held back are bytes of an unfinished character and what may be the beginning of a stop string.
pub struct Stream<'a> {
    stop: &'a [String],
    bytes: Vec<u8>,
    held: String,
    stopped: bool,
}

impl<'a> Stream<'a> {
    /// A stream that ends before the first of these; empty ones are passed over.
    pub fn new(stop: &'a [String]) -> Stream<'a> {
        Stream {
            stop,
            bytes: Vec::new(),
            held: String::new(),
            stopped: false,
        }
    }

    /// Takes the bytes of a token and gives the text that is certain now.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        if self.stopped {
            return String::new();
        }
        self.bytes.extend_from_slice(bytes);
        let whole = self.whole_characters(false);
        self.held.push_str(&whole);
        self.let_out()
    }

    /// Whether a stop string was reached; nothing comes out any more.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// The end of the text: what was held back.
    pub fn finish(&mut self) -> String {
        if self.stopped {
            return String::new();
        }
        let rest = self.whole_characters(true);
        self.held.push_str(&rest);
        let out = self.let_out();
        out + &std::mem::take(&mut self.held)
    }

    /// The bytes so far as text, without an unfinished character at the end unless `all`. Wrong bytes are replaced.
    fn whole_characters(&mut self, all: bool) -> String {
        let unfinished = match self.bytes.utf8_chunks().last() {
            Some(chunk) if !all && is_unfinished(chunk.invalid()) => chunk.invalid().len(),
            _ => 0,
        };
        let rest = self.bytes.split_off(self.bytes.len() - unfinished);
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        self.bytes = rest;
        text
    }

    fn let_out(&mut self) -> String {
        let stops = || self.stop.iter().filter(|stop| !stop.is_empty());
        if let Some(at) = stops()
            .filter_map(|stop| self.held.find(stop.as_str()))
            .min()
        {
            self.held.truncate(at);
            self.stopped = true;
            return std::mem::take(&mut self.held);
        }
        let is_beginning = |at: &usize| {
            stops().any(|stop| stop.as_bytes().starts_with(&self.held.as_bytes()[*at..]))
        };
        let longest = stops().map(String::len).max().unwrap_or(0);
        let first = self.held.len().saturating_sub(longest);
        let keep_from = (first..self.held.len())
            .filter(|at| self.held.is_char_boundary(*at))
            .find(is_beginning);
        let rest = self.held.split_off(keep_from.unwrap_or(self.held.len()));
        std::mem::replace(&mut self.held, rest)
    }
}

/// Whether bytes that are no character could become one with more bytes after them.
fn is_unfinished(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stop: &[&str], parts: &[&[u8]]) -> (Vec<String>, bool) {
        let stop: Vec<String> = stop.iter().map(|stop| (*stop).to_owned()).collect();
        let mut stream = Stream::new(&stop);
        let mut out: Vec<String> = parts.iter().map(|part| stream.push(part)).collect();
        out.push(stream.finish());
        (out, stream.stopped())
    }

    fn check(stop: &[&str], parts: &[&[u8]], wanted: &[&str], stopped: bool) {
        let (out, found) = run(stop, parts);
        assert_eq!(
            (out.iter().map(String::as_str).collect::<Vec<_>>(), found),
            (wanted.to_vec(), stopped)
        );
    }

    #[test]
    fn characters_come_out_whole() {
        let bytes = "约🖋".as_bytes();
        check(
            &[],
            &[&bytes[..1], &bytes[1..4], &bytes[4..6], &bytes[6..]],
            &["", "约", "", "🖋", ""],
            false,
        );
        check(
            &[],
            &[b"a\xff\xe7", b"b"],
            &["a\u{fffd}", "\u{fffd}b", ""],
            false,
        );
        check(&[], &[b"a\xe7\xba"], &["a", "\u{fffd}"], false);
    }

    #[test]
    fn a_stop_string_never_comes_out() {
        check(
            &["\n\n"],
            &[b"one\n", b"two\n", b"\nthree", b"four"],
            &["one", "\ntwo", "", "", ""],
            true,
        );
        check(
            &["END", "ENOUGH"],
            &[b"xE", b"N", b"O", b"T"],
            &["x", "", "", "ENOT", ""],
            false,
        );
        check(
            &["。"],
            &[
                "约".as_bytes(),
                &"。".as_bytes()[..2],
                &"。".as_bytes()[2..],
            ],
            &["约", "", "", ""],
            true,
        );
        check(
            &["aab"],
            &[b"a", b"a", b"a", b"b"],
            &["", "", "a", "", ""],
            true,
        );
        check(&["b", "ab"], &[b"xab"], &["x", ""], true);
        check(&[""], &[b"x"], &["x", ""], false);
        check(&["xyz"], &[b"xy"], &["", "xy"], false);
    }

    #[test]
    fn the_parts_make_the_whole_however_it_is_cut() {
        let text = "第一条 the Seller\n\nSTOPS 出卖人STO。";
        for size in 1..7 {
            let parts: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            let (out, stopped) = run(&["STOP!", "。。"], &parts);
            assert_eq!((out.concat().as_str(), stopped), (text, false));
            let (out, stopped) = run(&["出卖人"], &parts);
            assert_eq!(
                (out.concat().as_str(), stopped),
                ("第一条 the Seller\n\nSTOPS ", true)
            );
        }
    }
}
