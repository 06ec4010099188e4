//! Tells Tauri which commands exist, so that each must be allowed by name in the capability file.

include!("src/command_names.rs");

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    tauri_build::try_build(attributes).expect("the Tauri configuration is valid");
    println!("cargo:rerun-if-changed=src/command_names.rs");
}
