//! The command list, the handlers and the capability file agree.

include!("../command_names.rs");

#[test]
fn handlers_are_the_command_list() {
    let source = include_str!("commands.rs");
    let start = source.find("generate_handler![").unwrap() + "generate_handler![".len();
    let list = &source[start..start + source[start..].find(']').unwrap()];
    let handlers: Vec<&str> = list
        .split(',')
        .map(|path| path.trim().rsplit("::").next().unwrap_or_default())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(handlers, COMMANDS);
}

#[test]
fn the_capability_file_allows_each_command_by_name_and_nothing_wide() {
    let capability: serde_json::Value =
        serde_json::from_str(include_str!("../../capabilities/main.json")).unwrap();
    let allowed: Vec<&str> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let own: Vec<String> = COMMANDS
        .iter()
        .map(|name| format!("allow-{}", name.replace('_', "-")))
        .collect();
    let (core, ours): (Vec<&str>, Vec<&str>) = allowed.iter().partition(|name| name.contains(':'));
    assert_eq!(ours, own);
    assert!(
        core.iter().all(|name| !name.ends_with(":default")),
        "a whole set is allowed: {core:?}"
    );
}

#[test]
fn the_web_view_has_no_network() {
    let config: serde_json::Value =
        serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
    let csp = config["app"]["security"]["csp"].as_str().unwrap();
    for directive in csp.split(';').map(str::trim) {
        for source in directive.split_whitespace().skip(1) {
            let local =
                ["'self'", "'none'", "data:", "ipc:", "http://ipc.localhost"].contains(&source);
            assert!(local, "{directive} lets {source} in");
        }
    }
    assert!(csp.contains("default-src 'self'") && !csp.contains("unsafe"));
}
