//! Addresses as a user would write them.

use topo_model::{Addresses, Symbol, Value};

use crate::values::{region, tuple};

#[test]
fn addresses_render_as_paths() {
    let mut addresses = Addresses::default();
    let mut step = |parent, name: &str, key| addresses.intern(parent, Symbol::new(name), key);
    let vpc = step(None, "vpc", Some(region("ap-east-2")));
    let subnet = step(Some(vpc), "subnet", Some(Value::str("ap-east-2a")));
    let mesh = step(None, "mesh", None);
    let link = step(Some(mesh), "link", Some(tuple![region("ap-east-2"), region("ap-northeast-1")]));
    let nested = step(Some(link), "x", Some(tuple![tuple!["a", 1], "say \"b\""]));
    let again = step(None, "vpc", Some(region("ap-east-2")));
    assert_eq!(vpc, again);
    let all = [vpc, subnet, mesh, link, nested].map(|id| addresses.render(id));
    insta::assert_snapshot!(all.join("\n"), @r#"
    vpc[ap-east-2]
    vpc[ap-east-2].subnet["ap-east-2a"]
    mesh
    mesh.link[(ap-east-2, ap-northeast-1)]
    mesh.link[(ap-east-2, ap-northeast-1)].x[(("a", 1), "say \"b\"")]
    "#);
    let names: Vec<&str> = addresses.path(nested).iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["mesh", "link", "x"]);
    assert_eq!(addresses.step(subnet).parent, Some(vpc));
}

#[test]
fn another_key_type_is_another_address() {
    let mut addresses = Addresses::default();
    let name = Symbol::new("a");
    let text = addresses.intern(None, name, Some(Value::str("1")));
    let int = addresses.intern(None, name, Some(Value::Int(1)));
    let none = addresses.intern(None, name, None);
    assert!(text != int && int != none && text != none);
    assert_eq!([text, int, none].map(|id| addresses.render(id)), ["a[\"1\"]", "a[1]", "a"]);
}
