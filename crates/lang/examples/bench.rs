//! Times the stages of the language: `bench [N]` over a generated program of N `core.Data`
//! resources in a layered graph, `bench PATH` over a project.

use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use topo_lang::{Disk, Memory, Options, World, load};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let argument = std::env::args().nth(1).unwrap_or_else(|| "10000".to_owned());
    let world: Box<dyn World> = match argument.parse() {
        Ok(count) => {
            let text = generated(count);
            let start = Instant::now();
            let parsed = topo_syntax::parse(&text, 1);
            writeln!(out, "parse    {:?} ({} errors)", start.elapsed(), parsed.errors.len())?;
            Box::new(Memory::new([("main.topo", text)]))
        }
        Err(_) => Box::new(Disk::new(Path::new(&argument))),
    };
    for _ in 0..3 {
        let start = Instant::now();
        let loaded = load(&*world, &Options::default());
        writeln!(out, "load     {:?} ({} findings)", start.elapsed(), loaded.diagnostics.len())?;
        let Some(program) = loaded.program else { return Ok(()) };
        let environments = program.environments();
        let all: Vec<_> =
            if environments.is_empty() { vec![None] } else { environments.into_iter().map(Some).collect() };
        for env in all {
            let start = Instant::now();
            let expanded = program.expand(env);
            let count = expanded.desired.as_ref().map_or(0, |d| d.resources.len());
            let found = expanded.diagnostics.len();
            writeln!(out, "expand   {:?} ({count} resources, {found} findings)", start.elapsed())?;
            let start = Instant::now();
            drop(expanded);
            writeln!(out, "drop     {:?}", start.elapsed())?;
        }
    }
    Ok(())
}

fn generated(count: usize) -> String {
    let mut text = String::from("project bench\n\ntopology main {\n");
    for i in 0..count {
        let (a, b) = (i.saturating_sub(1) / 10, i.saturating_sub(7) / 3);
        let value = if i == 0 { "first".to_owned() } else { format!("${{r{a}.id}} ${{r{b}.id}}") };
        let _ = writeln!(text, "  resource r{i}: core.Data {{ value = \"{value}\" }}");
    }
    text.push_str("}\n");
    text
}
