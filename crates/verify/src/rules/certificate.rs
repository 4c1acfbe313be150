//! Certificates: each name that clients use must be on one that its listener shows (T0601), and one
//! that is proved by the DNS needs its records in a zone of the program (T0602).

use std::collections::BTreeSet;

use topo_model::{Diagnostic, Func, ResId, Span, Term, Value, dns_name};

use crate::answer::{End, Next, Reach, asked, next, reach};
use crate::dns::{Dns, GroupId, Policy, Probe, What};
use crate::scene::{Scene, field, is_within, leads_to, name_of};

pub(super) fn judge(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    let balancers = scene.pointing("aws.elbv2.Listener", "load_balancer");
    let more = scene.pointing("aws.elbv2.ListenerCertificate", "listener");
    let mut misses: Vec<Miss> = Vec::new();
    for client in clients(scene, dns) {
        for balancer in &client.balancers {
            let listeners = balancers.get(balancer).map_or(&[][..], Vec::as_slice);
            for listener in asked_for(scene, listeners, &client.ports) {
                let extra = more.get(&listener).map_or(&[][..], Vec::as_slice);
                miss(scene, &client, (*balancer, listener), extra, &mut misses);
            }
        }
    }
    findings.extend(misses.iter().map(|miss| uncovered(scene, miss)));
    prove(scene, dns, findings);
}

const CERTIFICATE: &str = "aws.acm.Certificate";

/// A name that clients use and the load balancers that it can lead to.
struct Client {
    name: String,
    /// What steers it, or promises it.
    place: Span,
    balancers: Vec<ResId>,
    /// The ports that its health checks ask.
    ports: BTreeSet<i64>,
}

/// A name that is on no certificate of a listener.
struct Miss {
    name: String,
    place: Span,
    certificates: Vec<ResId>,
    /// The names that are on them.
    names: Vec<String>,
    /// The load balancers that show them, each with its listener.
    shown: Vec<(ResId, ResId)>,
}

/// The names that clients use: those of objectives, and those that lead to a choice between records. A
/// name that other records lead to is asked for by resolvers, not shown to a server.
fn clients(scene: &Scene<'_>, dns: &Dns) -> Vec<Client> {
    let mut led_to: BTreeSet<GroupId> = BTreeSet::new();
    for group in &dns.groups {
        for set in &group.sets {
            match next(dns, *set) {
                Next::Within(group) => drop(led_to.insert(group)),
                Next::Asks(groups) => led_to.extend(groups),
                Next::Ends(_) => {}
            }
        }
    }
    let mut clients: Vec<Client> = Vec::new();
    let mut add = |name: &str, place: Span, promised: bool| {
        if clients.iter().any(|client| client.name == name) {
            return;
        }
        let reached = reach(dns, asked(dns, name), |group| dns.group(group).sets.as_slice().into());
        let steers = |group: &GroupId| dns.group(*group).sets.iter().any(|set| dns.set(*set).policy != Policy::Simple);
        if promised || reached.groups.iter().any(steers) {
            clients.push(client(scene, dns, (name, place), &reached));
        }
    };
    for objective in &scene.desired.objectives {
        name_of(&objective.endpoint).into_iter().for_each(|name| add(&name, objective.span, true));
    }
    for (at, group) in dns.groups.iter().enumerate() {
        if !led_to.contains(&GroupId(at as u32))
            && let Some(set) = group.sets.first()
        {
            add(&group.name, scene.place(dns.set(*set).id), false);
        }
    }
    clients
}

fn client(scene: &Scene<'_>, dns: &Dns, (name, place): (&str, Span), reached: &Reach) -> Client {
    let balancer = |end: &End| match end {
        End::Endpoint(id) => match dns.endpoints.get(*id).what {
            What::Resource(id) if scene.kind(id) == "aws.elbv2.LoadBalancer" => Some(id),
            _ => None,
        },
        End::Nothing => None,
    };
    let sets = reached.groups.iter().flat_map(|group| &dns.group(*group).sets);
    let checks = sets.filter_map(|set| dns.set(*set).check).map(|check| dns.check(check));
    let probes = checks.filter(|check| matches!(check.probe, Probe::Endpoint { .. }));
    let port = |id| field(scene.get(id, "health_check_config"), "port").and_then(Value::as_int);
    Client {
        name: name.to_owned(),
        place,
        balancers: reached.ends.iter().filter_map(balancer).collect(),
        ports: probes.filter_map(|check| port(check.id)).collect(),
    }
}

/// The listeners that clients speak TLS with: the one on 443, or else those that health checks ask.
fn asked_for(scene: &Scene<'_>, listeners: &[ResId], ports: &BTreeSet<i64>) -> Vec<ResId> {
    let tls = |id: &ResId| matches!(scene.text(*id, "protocol"), Some("HTTPS" | "TLS"));
    let port = |id: ResId| scene.get(id, "port").as_int();
    let usual: Vec<ResId> = listeners.iter().copied().filter(|id| port(*id) == Some(443)).collect();
    let asked = if usual.is_empty() {
        listeners.iter().copied().filter(|id| port(*id).is_some_and(|port| ports.contains(&port))).collect()
    } else {
        usual
    };
    asked.into_iter().filter(tls).collect()
}

/// A listener shows the certificate that has the name that the client asks for, and its default one
/// where none has.
///
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html>
fn miss(scene: &Scene<'_>, client: &Client, shown: (ResId, ResId), more: &[ResId], misses: &mut Vec<Miss>) {
    let values = std::iter::once(shown.1).chain(more.iter().copied()).map(|id| scene.get(id, "certificate"));
    let certificates: Option<Vec<ResId>> = values.map(|value| certificate(scene, value)).collect();
    let Some(certificates) = certificates else { return };
    let each: Option<Vec<Vec<String>>> = certificates.iter().map(|id| names(scene, *id)).collect();
    let Some(names) = each.map(|names| names.concat()) else { return };
    if names.iter().any(|on| covers(on, &client.name)) {
        return;
    }
    let same = |known: &&mut Miss| {
        known.name == client.name && scene.place(known.certificates[0]) == scene.place(certificates[0])
    };
    match misses.iter_mut().find(same) {
        Some(known) => known.shown.push(shown),
        None => misses.push(Miss {
            name: client.name.clone(),
            place: client.place,
            certificates,
            names,
            shown: vec![shown],
        }),
    }
}

/// The certificate behind a value, which may be the wait for it.
fn certificate(scene: &Scene<'_>, value: &Value) -> Option<ResId> {
    let id = leads_to(value)?;
    match scene.kind(id) {
        CERTIFICATE => Some(id),
        "aws.acm.CertificateValidation" => scene.link(id, "certificate").filter(|id| scene.kind(*id) == CERTIFICATE),
        _ => None,
    }
}

/// The names on a certificate, where all of them are known.
fn names(scene: &Scene<'_>, id: ResId) -> Option<Vec<String>> {
    let others = scene.get(id, "subject_alternative_names").items()?;
    std::iter::once(scene.get(id, "domain_name")).chain(others).map(name_of).collect()
}

/// Whether a name on a certificate stands for another: a wildcard for one part, and not for none.
///
/// <https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate.html>
fn covers(on: &str, name: &str) -> bool {
    let parent = name.split_once('.').map(|(_, rest)| rest);
    on == name || on.strip_prefix("*.").is_some_and(|rest| Some(rest) == parent)
}

/// T0601.
fn uncovered(scene: &Scene<'_>, miss: &Miss) -> Diagnostic {
    let name = &miss.name;
    let mut balancers: Vec<String> = miss.shown.iter().map(|(id, _)| format!("`{}`", scene.address(*id))).collect();
    balancers.dedup();
    let (which, are) = if miss.certificates.len() == 1 { ("certificate", "is") } else { ("certificates", "are") };
    let message = format!(
        "{name} leads its clients to {}, whose {which} {are} for {} only",
        balancers.join(" and "),
        miss.names.join(", ")
    );
    let first = miss.certificates[0];
    let label = format!("for {}", names(scene, first).unwrap_or_default().join(", "));
    let mut found = Diagnostic::error(601, scene.span(first, "domain_name"), message, label);
    let mut label = |span: Span, text: String| {
        if found.labels.iter().all(|label| label.span != span) {
            found.labels.push(topo_model::Label { span, text });
        }
    };
    label(miss.place, format!("clients ask for {name}"));
    for (_, listener) in &miss.shown {
        let port = scene.get(*listener, "port").as_int().unwrap_or(443);
        label(scene.place(*listener), format!("`{}` shows it on {port}", scene.address(*listener)));
    }
    let wild = miss.names.iter().find_map(|on| {
        let rest = on.strip_prefix("*.")?;
        if name == rest {
            Some(format!("`{on}` does not stand for {rest} itself: "))
        } else if name.strip_suffix(rest).is_some_and(|front| front.ends_with('.')) {
            Some(format!("`{on}` stands for one part before {rest}, not for two: "))
        } else {
            None
        }
    });
    let put = match scene.statement(first) {
        Some(statement) => format!("add {name} to the `names` of `{statement}`"),
        None => format!("put {name} on `{}`", scene.address(first)),
    };
    found.help(format!("{}{put}", wild.unwrap_or_default()))
}

/// T0602.
fn prove(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    let proofs = Proofs::read(scene);
    for (record, name) in &proofs.records {
        // A name without any zone is told of its certificate.
        if dns.zone_of(name).is_some() || !made(scene, name) {
            findings.extend(misplaced(scene, *record, name));
        }
    }
    let waits = scene.pointing("aws.acm.CertificateValidation", "certificate");
    for id in scene.of(CERTIFICATE).iter().copied() {
        let Some(names) = to_prove(scene, id) else { continue };
        let wait = waits.get(&id).and_then(|waits| waits.first()).copied();
        let (mut unserved, mut unproved) = (Vec::new(), Vec::new());
        for name in names {
            match dns.zone_of(&name) {
                None => unserved.push(name),
                // A zone that is there may hold the record already.
                Some((apex, zone)) if scene.is_made(*zone) && !proofs.has(&name) => {
                    unproved.push((name, apex.clone(), *zone));
                }
                Some(_) => {}
            }
        }
        let mut push = |found: Diagnostic| {
            let known = findings.iter().any(|f| f.code == found.code && f.labels == found.labels);
            if !known {
                findings.push(found);
            }
        };
        if !unserved.is_empty() {
            push(not_served(scene, id, wait, &unserved));
        }
        if let (Some(wait), [_, ..]) = (wait, unproved.as_slice()) {
            push(never_issued(scene, id, wait, &unproved));
        }
    }
}

/// The names for which a certificate that is made waits for records, where all are known.
fn to_prove(scene: &Scene<'_>, id: ResId) -> Option<BTreeSet<String>> {
    if !scene.is_made(id) || scene.text(id, "validation_method") != Some("DNS") {
        return None;
    }
    let names = names(scene, id)?;
    Some(names.iter().map(|name| name.trim_start_matches("*.").to_owned()).collect())
}

/// Whether a certificate with a name is made here.
fn made(scene: &Scene<'_>, name: &str) -> bool {
    scene.of(CERTIFICATE).iter().any(|id| to_prove(scene, *id).is_some_and(|names| names.contains(name)))
}

/// The names for which the program writes the records that prove them.
struct Proofs {
    names: BTreeSet<String>,
    /// The records that take a name from a certificate, and the name that it is for.
    records: Vec<(ResId, String)>,
    /// Some record's name is computed in a way that tells nothing: it may prove any name.
    unsure: bool,
}

impl Proofs {
    fn read(scene: &Scene<'_>) -> Proofs {
        let mut proofs = Proofs { names: BTreeSet::new(), records: Vec::new(), unsure: false };
        for id in scene.of("aws.route53.RecordSet") {
            if matches!(scene.text(*id, "type"), None | Some("CNAME")) {
                proofs.record(scene, *id);
            }
        }
        proofs
    }

    fn record(&mut self, scene: &Scene<'_>, id: ResId) {
        if let Some(name) = name_of(scene.get(id, "name")) {
            // Written by hand: `_x1.NAME CNAME _x2.….acm-validations.aws`.
            let values = scene.get(id, "resource_records").items().unwrap_or_default();
            let proves = values.iter().all(|v| name_of(v).is_none_or(|value| value.ends_with(".acm-validations.aws")));
            self.names.extend(name.split_once('.').filter(|_| proves).map(|(_, rest)| rest.to_owned()));
            return;
        }
        let mut known = false;
        scene.get(id, "name").for_each_term(&mut |term| {
            let Term::Call { func: Func::Index, args } = term else { return };
            let [of, key] = args.as_slice() else { return };
            let Value::Unknown(of) = of else { return };
            if matches!(&**of, Term::Output { name, .. } if *name == "validation_records")
                && let Some(key) = key.as_str()
            {
                self.names.insert(dns_name(key));
                self.records.push((id, dns_name(key)));
                known = true;
            }
        });
        self.unsure |= !known;
    }

    fn has(&self, name: &str) -> bool {
        self.unsure || self.names.contains(name)
    }
}

/// A record of a certificate in a zone that does not hold the certificate's name: nobody asks for it there.
fn misplaced(scene: &Scene<'_>, record: ResId, name: &str) -> Option<Diagnostic> {
    let zone = scene.link(record, "hosted_zone")?;
    let apex = name_of(scene.get(zone, "name"))?;
    if is_within(name, &apex) {
        return None;
    }
    let (address, zone_address) = (scene.address(record), scene.address(zone));
    let message =
        format!("`{address}` is to prove {name}, and `{zone_address}` serves {apex}: nobody asks for it there");
    Some(
        Diagnostic::error(602, scene.span(record, "hosted_zone"), message, format!("in the zone {apex}"))
            .help(format!("write it into the zone that serves {name}")),
    )
}

fn waiting(scene: &Scene<'_>, found: Diagnostic, wait: Option<ResId>) -> Diagnostic {
    match wait.filter(|wait| scene.place(*wait) != found.span()) {
        Some(wait) => found.label(scene.place(wait), format!("`{}` waits until it is issued", scene.address(wait))),
        None => found,
    }
}

/// A certificate is issued once the record that proves each of its names is seen in the public DNS.
///
/// <https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html>
fn not_served(scene: &Scene<'_>, id: ResId, wait: Option<ResId>, names: &[String]) -> Diagnostic {
    let address = scene.address(id);
    let names = names.join(", ");
    let message = format!("`{address}` is proved by records in the DNS, and no zone of this program serves {names}");
    let found = Diagnostic::error(602, scene.span(id, "domain_name"), message, format!("for {names}"));
    let zone = "`existing zone: aws.route53.HostedZone { name = … }`";
    waiting(scene, found, wait).help(match scene.statement(id) {
        Some(statement) => {
            format!(
                "create the zone of {names} here, or look it up ({zone}), and give it to `{statement}` as its `zone`"
            )
        }
        None => format!(
            "create the zone of {names} here, or look it up ({zone}), and write the records of \
             `{address}.validation_records` there; or prove it by mail: `validation_method = \"EMAIL\"`"
        ),
    })
}

fn never_issued(scene: &Scene<'_>, id: ResId, wait: ResId, names: &[(String, String, ResId)]) -> Diagnostic {
    let address = scene.address(id);
    let all: Vec<&str> = names.iter().map(|(name, _, _)| name.as_str()).collect();
    let all = all.join(", ");
    let message =
        format!("`{}` waits for `{address}`, and no record proves {all}: it would wait for ever", scene.address(wait));
    let (name, apex, zone) = &names[0];
    let zone_address = scene.address(*zone);
    let mut found = Diagnostic::error(602, scene.place(wait), message, format!("waits until `{address}` is issued"));
    for (span, text) in [
        (scene.span(id, "domain_name"), format!("`{address}` is for {all}")),
        (scene.place(*zone), format!("`{zone_address}` serves {apex} and has no such record")),
    ] {
        if found.labels.iter().all(|label| label.span != span) {
            found = found.label(span, text);
        }
    }
    found.help(format!(
        "write an `aws.route53.RecordSet` in `{zone_address}` with the name and value of \
         `{address}.validation_records[\"{name}\"]`, and name it in `after`"
    ))
}
