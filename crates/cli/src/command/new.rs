//! `topo new`: a small project that plans at once.

use std::io::Write;
use std::path::Path;

use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// The program; `{name}` is the project's.
const PROGRAM: &str = include_str!("new/main.topo");

/// Writes the project, unless something is there.
pub(crate) fn run(dir: &Path, output: &mut Output) -> Result {
    let shown = dir.display();
    match std::fs::read_dir(dir) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(Failure::error(format!("'{shown}' is not empty; nothing was written"))
                    .help("name a directory that does not exist yet"));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::error(format!("'{shown}' can't be used: {error}"))),
    }
    let program = PROGRAM.replace("project demo", &format!("project {}", project_name(dir)));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(dir)?;
        std::fs::File::create_new(dir.join("main.topo"))?.write_all(program.as_bytes())?;
        std::fs::File::create_new(dir.join(".gitignore"))?
            .write_all(b"# The sandbox, and state kept in files.\n.topo/\n")
    };
    write().map_err(|error| Failure::error(format!("'{shown}' can't be written: {error}")))?;
    output.result(&format!("Wrote {}.\n", dir.join("main.topo").display()));
    output.note(&format!("See what it would make with 'topo plan {shown}', then make it with 'topo apply {shown}'.\n"));
    Ok(Exit::Done)
}

/// The directory's name as a project's: small letters, digits and `_`, a letter first.
fn project_name(dir: &Path) -> String {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let name = absolute.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut out: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if out.chars().all(|c| c == '_') {
        return "demo".to_owned();
    }
    if !out.starts_with(|c: char| c.is_ascii_alphabetic()) || RESERVED.contains(&out.as_str()) {
        out.insert_str(0, "project_");
    }
    out
}

/// Words that are no names.
const RESERVED: [&str; 12] = ["let", "for", "in", "if", "then", "else", "and", "or", "not", "none", "true", "false"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_gives_its_project_a_name() {
        let names = ["demo", "My App", "2nd", "for", "日本", "a/b/genai-demo", "let"];
        let names: Vec<String> = names.iter().map(|n| project_name(Path::new(n))).collect();
        assert_eq!(names, ["demo", "my_app", "project_2nd", "project_for", "demo", "genai_demo", "project_let"]);
    }
}
