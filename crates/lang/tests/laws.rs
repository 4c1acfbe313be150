//! What holds of every program.

use std::collections::BTreeMap;

use proptest::prelude::*;
use topo_lang::{Memory, Options, load};
use topo_model::{Desired, ResId, Resolve, Symbol, Value, evaluate};

/// Statements that use each other.
const STATEMENTS: &[&str] = &[
    "let texts = [\"a\", \"b\", \"c\"]",
    "let all = join([for (k, r) in row: r.id], \",\")",
    "resource first: core.Data { value = \"${first_text}\" }",
    "let first_text = texts[0]",
    "for t in texts { resource row: core.Data { value = \"${t} ${first.id}\" } }",
    "for (k, r) in row { resource copy: core.Data when k != \"b\" { value = \"${r.value}${last.id}\" } }",
    "resource last: core.Data { value = all, after = [first] }",
    "resource box: Box { value = row[\"b\"].id }",
    "check len(copy) == 2 else \"two copies\"",
    "output copies: Map<String, String> = { for (k, c) in copy : k => c.id }",
    "output boxed: String = box.inner",
];

fn expand(statements: &[&str]) -> Desired {
    let text = format!(
        "project laws\ncomponent Box {{\n  output inner: String = data.id\n  param value: String\n  \
         resource data: core.Data {{ value = value }}\n}}\ntopology main {{\n  {}\n}}\n",
        statements.join("\n  ")
    );
    let loaded = load(&Memory::new([("main.topo", text)]), &Options::default());
    let program = loaded.program.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics));
    let expanded = program.expand(None);
    expanded.desired.unwrap_or_else(|| panic!("{:#?}", expanded.diagnostics))
}

/// Outputs by the addresses of their resources, so that numbers don't matter.
struct ByAddress<'d>(&'d Desired);

impl Resolve for ByAddress<'_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        Some(Value::str(format!("<{}.{name}>", self.0.address(resource))))
    }
}

/// A program's meaning: what each address holds and comes after, and the outputs.
fn meaning(desired: &Desired) -> BTreeMap<String, String> {
    let shown = |value: &Value| evaluate(value, &ByAddress(desired)).expect("the values are sound").to_string();
    let mut all = BTreeMap::new();
    for (id, resource) in desired.iter() {
        let values: Vec<String> = resource.attributes.iter().flatten().map(|a| shown(&a.value)).collect();
        let mut after: Vec<String> = resource.after.iter().map(|id| desired.address(*id)).collect();
        after.sort();
        all.insert(desired.address(id), format!("{values:?} after {after:?}"));
    }
    for output in &desired.outputs {
        all.insert(format!("output {}", output.name), shown(&output.value));
    }
    all
}

/// The addresses' first names, in the order of the resources.
fn order(desired: &Desired) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (id, _) in desired.iter() {
        let address = desired.address(id);
        let name = address.split(['[', '.']).next().unwrap_or_default().to_owned();
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    names
}

proptest! {
    #[test]
    fn the_order_of_statements_is_free(shuffled in Just(STATEMENTS.to_vec()).prop_shuffle()) {
        let (plain, shuffled_desired) = (expand(STATEMENTS), expand(&shuffled));
        prop_assert_eq!(meaning(&plain), meaning(&shuffled_desired));
        // Resources come in source order, whatever the order of uses.
        let written: Vec<String> = shuffled
            .iter()
            .filter_map(|s| s.split("resource ").nth(1)?.split(':').next().map(str::to_owned))
            .collect();
        prop_assert_eq!(order(&shuffled_desired), written);
    }

    #[test]
    fn the_same_program_gives_the_same_result(shuffled in Just(STATEMENTS.to_vec()).prop_shuffle()) {
        let (a, b) = (expand(&shuffled), expand(&shuffled));
        prop_assert_eq!(format!("{:?}", a.resources), format!("{:?}", b.resources));
        prop_assert_eq!(a.digest, b.digest);
    }
}
