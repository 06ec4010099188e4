//! Event files of TensorBoard.
//!
//! A file is a row of records (TFRecord): the length in eight bytes, its checksum, the data, its checksum; the data is an
//! `Event` in the format of protocol buffers (tensorflow/core/util/event.proto and framework/summary.proto). Checksums
//! are CRC-32C, turned and shifted so that a checksum of data that holds checksums stays good.

use moqi_store::{LossKind, LossRow, TrainingRunRow};

/// The losses of a run as the bytes of an event file: `loss/train`, `loss/valid`, `learning_rate` and `gradient_norm` by
/// step. The time of an event is when the run started, and the seconds of work since.
pub fn events(run: &TrainingRunRow, losses: &[LossRow]) -> Vec<u8> {
    let began = began(run) as f64 / 1000.0;
    let mut file = Vec::new();
    let mut first = Message::default();
    first.double(1, began);
    first.bytes(3, b"brain.Event:2");
    record(&mut file, &first.0);
    let mut rows: Vec<&LossRow> = losses.iter().collect();
    rows.sort_by_key(|row| (row.step, row.kind == LossKind::Valid));
    for row in rows {
        let tag = match row.kind {
            LossKind::Train => "loss/train",
            LossKind::Valid => "loss/valid",
        };
        let mut summary = Message::default();
        summary.value(tag, row.loss);
        if let Some(rate) = row.rate {
            summary.value("learning_rate", rate);
        }
        if let Some(gradient) = row.gradient {
            summary.value("gradient_norm", gradient);
        }
        let mut event = Message::default();
        event.double(1, began + row.seconds);
        event.integer(2, row.step);
        event.bytes(5, &summary.0);
        record(&mut file, &event.0);
    }
    file
}

/// The name TensorBoard knows an event file by. Each run wants a folder of its own, whose name is the run's there.
pub fn events_name(run: &TrainingRunRow, host: &str) -> String {
    let seconds = began(run).div_euclid(1000);
    let host: String = host
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || c == '-' => c,
            _ => '_',
        })
        .take(63)
        .collect();
    let host = if host.is_empty() { "moqi" } else { &host };
    format!("events.out.tfevents.{seconds:010}.{host}")
}

/// Unix milliseconds.
fn began(run: &TrainingRunRow) -> i64 {
    run.started_at.unwrap_or(run.created_at)
}

fn record(file: &mut Vec<u8>, data: &[u8]) {
    let length = (data.len() as u64).to_le_bytes();
    file.extend(length);
    file.extend(masked(&length).to_le_bytes());
    file.extend(data);
    file.extend(masked(data).to_le_bytes());
}

/// A message of protocol buffers: fields with their number and wire type before them.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn double(&mut self, field: u32, value: f64) {
        self.key(field, 1);
        self.0.extend(value.to_le_bytes());
    }

    fn integer(&mut self, field: u32, value: i64) {
        self.key(field, 0);
        self.varint(value.cast_unsigned());
    }

    fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    /// A `Summary.Value`: a tag, and a number in single precision.
    fn value(&mut self, tag: &str, number: f64) {
        let mut value = Message::default();
        value.bytes(1, tag.as_bytes());
        value.key(2, 5);
        value.0.extend((number as f32).to_le_bytes());
        self.bytes(1, &value.0);
    }

    fn key(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from(field << 3 | wire_type));
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

fn masked(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli), RFC 3720 appendix B.4.
fn crc32c(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

/// What each byte does to the checksum; the polynomial with its bits turned round.
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (if crc & 1 == 1 { 0x82f6_3b78 } else { 0 });
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, appendix B.4, and the usual check value.
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }
}
