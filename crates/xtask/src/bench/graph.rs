//! The graph: resource `i` refers to the ids of `(i - 1) / 10` and `(i - 7) / 3`, so it has
//! many layers and a few hubs.

use std::fmt::Write;

/// What a resource refers to.
fn needs(i: usize) -> impl Iterator<Item = usize> {
    [i.checked_sub(1).map(|i| i / 10), i.checked_sub(7).map(|i| i / 3)].into_iter().flatten()
}

/// The graph as a topology.
pub(super) fn topology(size: usize) -> String {
    let mut text = String::from("project bench\n\ntopology main {\n");
    for i in 0..size {
        let ids: String = needs(i).map(|n| format!(" ${{r{n}.id}}")).collect();
        line(&mut text, &format!("  resource r{i}: core.Data {{ value = \"item {i}{ids}\" }}"));
    }
    text.push_str("}\n");
    text
}

/// The graph as a Terraform module.
pub(super) fn module(size: usize) -> String {
    let mut text = String::new();
    for i in 0..size {
        let ids: String = needs(i).map(|n| format!(" ${{terraform_data.r{n}.id}}")).collect();
        line(&mut text, &format!("resource \"terraform_data\" \"r{i}\" {{\n  input = \"item {i}{ids}\"\n}}\n"));
    }
    text
}

/// The state that applying the module leaves, in Terraform's own form.
pub(super) fn module_state(size: usize, version: &str) -> String {
    let id = |i: usize| format!("00000000-0000-4000-8000-{i:012}");
    let mut ancestors: Vec<Vec<usize>> = Vec::with_capacity(size);
    let mut resources = Vec::with_capacity(size);
    for i in 0..size {
        let mut above: Vec<usize> = needs(i).chain(needs(i).flat_map(|n| ancestors[n].clone())).collect();
        above.sort_unstable();
        above.dedup();
        let ids: String = needs(i).map(|n| format!(" {}", id(n))).collect();
        let value = serde_json::json!({"value": format!("item {i}{ids}"), "type": "string"});
        let attributes = serde_json::json!({"id": id(i), "input": value, "output": value, "triggers_replace": null});
        let mut dependencies: Vec<String> = above.iter().map(|n| format!("terraform_data.r{n}")).collect();
        dependencies.sort_unstable();
        ancestors.push(above);
        resources.push(serde_json::json!({
            "mode": "managed",
            "type": "terraform_data",
            "name": format!("r{i}"),
            "provider": "provider[\"terraform.io/builtin/terraform\"]",
            "instances": [{
                "schema_version": 0,
                "attributes": attributes,
                "sensitive_attributes": [],
                "dependencies": dependencies,
            }],
        }));
    }
    let state = serde_json::json!({
        "version": 4,
        "terraform_version": version,
        "serial": size + 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": {},
        "resources": resources,
        "check_results": null,
    });
    format!("{state:#}\n")
}

fn line(text: &mut String, line: &str) {
    // A String takes everything.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of a program, last line first.
    fn end(text: &str) -> Vec<&str> {
        text.trim_end().lines().rev().take(3).collect()
    }

    #[test]
    fn both_programs_are_the_same_graph() {
        insta::assert_debug_snapshot!(end(&topology(42)), @r#"
        [
            "}",
            "  resource r41: core.Data { value = \"item 41 ${r4.id} ${r11.id}\" }",
            "  resource r40: core.Data { value = \"item 40 ${r3.id} ${r11.id}\" }",
        ]
        "#);
        insta::assert_debug_snapshot!(end(&module(42)), @r#"
        [
            "}",
            "  input = \"item 41 ${terraform_data.r4.id} ${terraform_data.r11.id}\"",
            "resource \"terraform_data\" \"r41\" {",
        ]
        "#);
    }

    #[test]
    fn a_state_names_all_that_a_resource_stands_on() {
        let state: serde_json::Value = serde_json::from_str(&module_state(42, "1.11.4")).expect("JSON");
        let instance = &state["resources"][41]["instances"][0];
        insta::assert_snapshot!(instance["dependencies"], @r#"["terraform_data.r0","terraform_data.r1","terraform_data.r11","terraform_data.r4"]"#);
        insta::assert_snapshot!(instance["attributes"]["input"]["value"], @r#""item 41 00000000-0000-4000-8000-000000000004 00000000-0000-4000-8000-000000000011""#);
    }
}
