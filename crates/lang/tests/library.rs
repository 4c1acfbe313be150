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
    for name in library.names() {
        let text = library.describe(&name).unwrap_or_default();
        assert!(text.contains(&name), "{name}: {text}");
    }
    assert!(library.describe("Vpc").is_some_and(|text| text.contains("cidr_block: Cidr immutable   (required)")));
    assert_eq!(library.nearest("Vcp").as_deref(), Some("Vpc"));
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
