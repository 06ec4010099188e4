//! Headers of GGUF and safetensors files, and the models they describe.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| moqi_lm::fuzzing::headers(bytes));
