//! Pictures of generated topologies: well-formed, legible, the same every time.

mod program;

use program::{Topology, picture, topology};
use proptest::prelude::*;
use topo_draw::{Label, Picture, Sort};

fn meet(a: &Label, b: &Label) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/// The boxes of a document, as labels without text.
fn boxes(svg: &roxmltree::Document<'_>) -> Vec<Label> {
    let number = |node: roxmltree::Node<'_, '_>, name| node.attribute(name).and_then(|n| n.parse().ok()).unwrap_or(0);
    let drawn = |node: &roxmltree::Node<'_, '_>| {
        let class = node.attribute("class").unwrap_or_default();
        node.has_tag_name("rect") && !matches!(class, "paper" | "bar" | "lock")
    };
    let rect = |node| Label {
        text: String::new(),
        x: number(node, "x"),
        y: number(node, "y"),
        width: number(node, "width"),
        height: number(node, "height"),
    };
    svg.descendants().filter(drawn).map(rect).collect()
}

/// Whether one stands in the other.
fn holds(outer: &Label, inner: &Label) -> bool {
    outer.x <= inner.x
        && outer.y <= inner.y
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y + inner.height <= outer.y + outer.height
}

/// Pairs of texts that meet, texts that stand outside or over the side of a box, boxes that meet.
fn faults(picture: &Picture, svg: &roxmltree::Document<'_>) -> Vec<String> {
    let (labels, boxes) = (topo_draw::labels(picture), boxes(svg));
    let mut faults = Vec::new();
    let size = |name| svg.root_element().attribute(name).and_then(|n| n.parse::<i32>().ok()).unwrap_or(0);
    let (width, height) = (size("width"), size("height"));
    for (at, a) in labels.iter().enumerate() {
        if a.x < 0 || a.y < 0 || a.x + a.width > width || a.y + a.height > height {
            faults.push(format!("{a:?} is outside of {width}×{height}"));
        }
        let over = boxes.iter().filter(|b| meet(a, b) && !holds(b, a));
        faults.extend(over.map(|b| format!("{a:?} stands over the side of {b:?}")));
        faults.extend(labels[at + 1..].iter().filter(|b| meet(a, b)).map(|b| format!("{a:?} meets {b:?}")));
    }
    for (at, a) in boxes.iter().enumerate() {
        let met = boxes[at + 1..].iter().filter(|b| meet(a, b) && !holds(a, b) && !holds(b, a));
        faults.extend(met.map(|b| format!("{a:?} and {b:?} meet")));
    }
    faults
}

/// Every text of the document, as it was measured.
fn texts(svg: &roxmltree::Document<'_>) -> Vec<String> {
    let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
    texts.map(|text| text.descendants().filter_map(|n| n.is_text().then(|| n.text()).flatten()).collect()).collect()
}

#[track_caller]
fn check(topology: &Topology) {
    let picture = picture(topology);
    let svg = topo_draw::svg(&picture);
    let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error}:\n{svg}"));
    let measured: Vec<String> = topo_draw::labels(&picture).into_iter().map(|label| label.text).collect();
    assert_eq!(texts(&document), measured);
    assert_eq!(faults(&picture, &document), Vec::<String>::new(), "{}", program::text(topology));
    assert_eq!(svg, topo_draw::svg(&program::picture(topology)));
    let names = picture.nodes.iter().filter(|node| node.sort == Sort::Name).count();
    assert_eq!(names, topology.names.len(), "{}", program::text(topology));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_meets_another_and_the_document_is_well_formed(topology in topology()) {
        check(&topology);
    }
}

#[test]
fn what_xml_reads_is_escaped() {
    let picture = program::hostile();
    let svg = topo_draw::svg(&picture);
    let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error}:\n{svg}"));
    let titles = document.descendants().filter(|n| n.has_tag_name("title")).filter_map(|n| n.text());
    assert!(titles.into_iter().any(|title| title.contains("</title><script>alert(1)</script>")), "{svg}");
    assert!(!svg.contains("<script>"));
}
