//! How fast files are read: parses programs of N resources, and the sample N / 20 times over, and
//! prints the speed.
//!
//! `cargo run --release -p topo-syntax --example speed -- 10000`

#![expect(clippy::print_stdout, reason = "this program's output is what it is for")]

use std::fmt::Write as _;
use std::time::Instant;

fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000);
    report("core.Data", &data(count));
    report("networks", &networks(count));
    report("the sample", &include_str!("../tests/samples/demo.topo").repeat(count / 20 + 1));
}

/// A layered graph of the smallest resources there are.
fn data(count: usize) -> String {
    let mut text = String::from("project bench\n\ntopology main {\n");
    for i in 0..count {
        let (a, b) = (i.saturating_sub(1) / 10, i.saturating_sub(7) / 3);
        let line = if i == 0 {
            "  resource r0: core.Data { value = \"v0\" }\n".to_owned()
        } else {
            format!("  resource r{i}: core.Data {{ value = \"v{i} ${{r{a}.id}} ${{r{b}.id}}\" }}\n")
        };
        text.push_str(&line);
    }
    text.push_str("}\n");
    text
}

/// Resources as they look in practice.
fn networks(count: usize) -> String {
    let mut text = String::from("project bench\n\ntopology main {\n");
    for i in 0..count {
        let wrote = write!(
            text,
            "  /// The subnet of team {i}.\n  resource subnet_{i}: aws.ec2.Subnet at ap-east-2 {{\n    \
             vpc               = vpc\n    cidr_block        = 10.{}.{}.0/24   // one per team\n    \
             availability_zone = ap-east-2a\n    tags              = {{ owner = \"team-{i}\", tier = tiers[{i}] }}\n    \
             timeout           = 1m30s\n  }}\n",
            i / 256 % 256,
            i % 256
        );
        assert!(wrote.is_ok());
    }
    text.push_str("}\n");
    text
}

fn report(name: &str, text: &str) {
    let megabytes = text.len() as f64 / 1e6;
    for threads in [1, 2] {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else { continue };
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                let parsed = pool.install(|| topo_syntax::parse(text, 1));
                assert!(parsed.errors.is_empty(), "{:?}", parsed.errors.first());
                start.elapsed()
            })
            .min()
            .unwrap_or_default();
        let seconds = best.as_secs_f64();
        println!(
            "{name}: {megabytes:.2} MB, {threads} thread(s): {:.1} ms, {:.1} MB/s",
            seconds * 1e3,
            megabytes / seconds
        );
    }
}
