//! The standard library by itself.

use topo_lang::{library, with_kinds};
use topo_model::{Catalogue, SourceMap, Symbol};

#[test]
fn the_standard_library_has_no_findings() {
    let library = library();
    assert!(library.diagnostics.is_empty(), "{:#?}", library.diagnostics);
    assert!(library.catalogue.kinds().len() > 10);
}

#[test]
fn everything_named_has_a_reference_text() {
    let library = library();
    for entry in &library.entries {
        let text = library.describe(&entry.name).unwrap_or_default();
        assert!(text.contains(&entry.name), "{}: {text}", entry.name);
    }
    let vpc = library.describe("Vpc").unwrap_or_default();
    assert!(vpc.contains("- `cidr_block`: `Cidr`, required, a change replaces the object."), "{vpc}");
    assert_eq!(library.nearest("Vcp"), Some("aws.ec2.Vpc"));
}

#[test]
fn a_catalogue_takes_in_kinds_that_are_recorded() {
    let mut sources = SourceMap::default();
    let names = [Symbol::new("aws.ec2.Subnet"), Symbol::new("aws.none.Gone"), Symbol::new("odd")];
    let catalogue = with_kinds(&Catalogue::default().into(), &mut sources, &names);
    assert!(catalogue.by_name(names[0]).is_some_and(|kind| !kind.checks.is_empty()));
    assert!(catalogue.by_name(names[1]).is_none());
    assert!(!sources.files().is_empty());
}
