//! What the program only looks up is judged by what a cloud shows of it.

use std::collections::BTreeMap;

use topo_lang::{Memory, Options, load};
use topo_model::{Attributes, ResId, Symbol, Value};
use topo_verify::{Observed, verify};

const PROGRAM: &str = r#"
project shop
use aws.acm
use aws.route53
use std.net.{Network}
use std.app.{Ingress}
use std.dns.{Latency}
topology main {
  resource zone: route53.HostedZone { name = "example.com" }
  existing cert: acm.Certificate at ap-east-2 from "arn:aws:acm:ap-east-2:112233445566:certificate/1" {}
  resource net: Network at ap-east-2 { cidr = 10.2.0.0/16 }
  resource web: Ingress at ap-east-2 { network = net, certificate = cert, health_path = "/" }
  resource app: Latency { zone = zone, name = "app.example.com", targets = { ap-east-2 = web } }
}
"#;

/// The messages about the program, where the certificate has these names.
fn judged(names: Option<&[&str]>) -> Vec<String> {
    let files = BTreeMap::from([("main.topo".to_owned(), PROGRAM.to_owned())]);
    let loaded = load(&Memory::new(files), &Options::default());
    assert_eq!(loaded.diagnostics, []);
    let desired = loaded.program.and_then(|program| program.expand(None).desired).expect("the program is right");
    let certificate = |id: &ResId| desired.address(*id) == "cert";
    let id = desired.iter().map(|(id, _)| id).find(certificate).expect("there is a certificate");
    let mut observed = Observed::new();
    if let Some([first, rest @ ..]) = names {
        let mut attributes = Attributes::default();
        attributes.set(Symbol::new("domain_name"), Value::str(*first));
        let others = rest.iter().map(|name| Value::str(*name)).collect();
        attributes.set(Symbol::new("subject_alternative_names"), Value::list(others));
        observed.insert(id, attributes);
    }
    verify(&desired, &observed).findings.into_iter().map(|found| format!("{}: {}", found.code, found.message)).collect()
}

#[test]
fn a_certificate_that_nobody_looked_at_may_have_any_name() {
    assert_eq!(judged(None), Vec::<String>::new());
}

#[test]
fn a_certificate_is_judged_by_the_names_that_it_has() {
    assert_eq!(judged(Some(&["example.com", "*.example.com"])), Vec::<String>::new());
    assert_eq!(
        judged(Some(&["example.com", "www.example.com"])),
        [
            "T0601: app.example.com leads its clients to `web.balancer`, whose certificate is for example.com, www.example.com only"
        ]
    );
}
