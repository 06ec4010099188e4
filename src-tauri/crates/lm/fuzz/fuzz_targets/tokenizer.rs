//! Tokenizers made of odd lists, and texts through them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| moqi_lm::fuzzing::tokenizer(bytes));
