//! The shipped texts are taken into the program when it is compiled; a changed text compiles it again.

fn main() {
    println!("cargo:rerun-if-changed=../../../templates");
    println!("cargo:rerun-if-changed=../../../models/catalogue.toml");
}
