//! The kinds of the tests, one line each.

use topo_model::{
    AttrId, Catalogue, Creation, Func, Kind, KindAttribute, KindCheck, KindOutput, Need, Span, Symbol, Term, Type,
    Unique, Value,
};

/// `name` is required, `name?` left to the cloud, `name=value` has a default; `!` immutable,
/// `~` unordered, `#` write-only, `*` secret, `&` takes a resource.
const KINDS: &[(&str, &str, &str)] = &[
    ("core.Data", "value", ""),
    ("net.Vpc", "cidr! dns=false comment? tags", "regional"),
    ("net.Subnet", "vpc&! cidr! zone!? public=false tags", "regional key=vpc,cidr"),
    ("net.Gateway", "tags", "regional"),
    ("net.Attachment", "vpc&! gateway&", "regional key=vpc unique=gateway"),
    ("net.Route", "table&! to&", "regional key=table,to"),
    ("net.Parameter", "name! value tier=standard", "regional key=name"),
    ("app.Database", "engine! password#* policy? size?", "regional"),
    ("aws.route53.HostedZone", "name! comment? tags", "identity=name"),
    ("aws.route53.HealthCheck", "name", ""),
    (
        "aws.route53.RecordSet",
        "zone&! name! type! ttl? resource_records~? set_identifier!? failover? health_check&? config?",
        "key=zone,name,type,set_identifier batched=zone",
    ),
];

/// All of them.
pub(crate) fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    for (name, attributes, rest) in KINDS {
        catalogue.add(kind(name, attributes, rest));
    }
    catalogue
}

fn kind(name: &str, attributes: &str, rest: &str) -> Kind {
    let attributes: Vec<KindAttribute> = attributes.split_whitespace().map(attribute).collect();
    let ids = |names: &str| -> Vec<AttrId> {
        let at = |n: &str| attributes.iter().position(|a| a.name == n).expect("an attribute");
        names.split(',').map(|n| AttrId(at(n) as u16)).collect()
    };
    let (mut creation, mut unique, mut identity, mut batched_by, mut regional) =
        (Creation::Nothing, Vec::new(), Vec::new(), None, false);
    for word in rest.split_whitespace() {
        match word.split_once('=').unwrap_or((word, "")) {
            ("regional", _) => regional = true,
            ("key", names) => creation = Creation::Key(ids(names)),
            ("unique", names) => unique.push(Unique { attributes: ids(names), in_any_region: false, code: None }),
            ("identity", names) => identity = ids(names),
            ("batched", names) => batched_by = ids(names).first().copied(),
            (other, _) => panic!("{other}"),
        }
    }
    let output =
        |name: &str| KindOutput { name: Symbol::new(name), docs: String::new(), ty: Type::String, changes: false };
    Kind {
        name: Symbol::new(name),
        docs: String::new(),
        span: Span::NONE,
        regional,
        attributes: attributes.clone(),
        outputs: vec![output("id"), output("arn")],
        checks: checks(name),
        unique,
        identity,
        creation,
        settles: 0,
        visible: 0,
        batched_by,
    }
}

fn attribute(word: &str) -> KindAttribute {
    let (name, default) = word.split_once('=').map_or((word, None), |(n, d)| (n, Some(d)));
    let flag = |c: char| name.contains(c);
    let bare = name.trim_end_matches(['!', '?', '~', '#', '*', '&']);
    let need = match default {
        Some("false") => Need::Default(Value::Bool(false)),
        Some(text) => Need::Default(Value::str(text)),
        None if bare == "tags" => Need::Default(Value::map([])),
        None if flag('?') => Need::LeftToCloud,
        None => Need::Required,
    };
    KindAttribute {
        name: Symbol::new(bare),
        docs: String::new(),
        ty: if flag('&') { reference() } else { Type::String },
        need,
        immutable: flag('!'),
        secret: flag('*'),
        write_only: flag('#'),
        unordered: flag('~'),
        alternative: None,
    }
}

/// The checks of a kind: one, which looks along a reference.
fn checks(kind: &str) -> Vec<KindCheck> {
    let own = |path: &[&str]| Value::unknown(Term::Own(path.iter().map(|n| Symbol::new(n)).collect()));
    let differ = |a, b| Value::unknown(Term::Call { func: Func::Ne, args: vec![a, b] });
    match kind {
        "net.Subnet" => vec![KindCheck {
            cond: differ(own(&["cidr"]), own(&["vpc", "cidr"])),
            message: Value::str("the subnet is as large as its VPC"),
            code: None,
            span: Span::NONE,
        }],
        _ => Vec::new(),
    }
}

fn reference() -> Type {
    Type::Reference { kind: Symbol::new("any"), output: Symbol::new("id"), any_region: true }
}
