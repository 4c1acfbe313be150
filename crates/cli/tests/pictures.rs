//! The book's pictures are what `topo graph` draws. `UPDATE_PICTURES=1` draws them anew.

use std::path::Path;
use std::process::Command;

#[track_caller]
fn check(name: &str, arguments: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO_BIN_EXE_topo"))
        .arg("graph")
        .args(arguments)
        .env_remove("TOPO_ENV")
        .current_dir(&root)
        .output()
        .expect("topo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = root.join("book/src/pictures").join(name);
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        std::fs::write(&path, &output.stdout).expect("the picture can be written");
    }
    let page = std::fs::read(&path).unwrap_or_default();
    assert!(page == output.stdout, "{} is no longer what topo draws: UPDATE_PICTURES=1 draws it anew", path.display());
}

#[test]
fn genai_demo_is_drawn_as_its_page_shows_it() {
    check("genai-demo.svg", &["examples/genai-demo", "--env", "production"]);
}

#[test]
fn active_active_is_drawn_as_its_page_shows_it() {
    check("active-active.svg", &["examples/active-active", "--env", "production"]);
}
