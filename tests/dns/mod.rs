//! Statements of AWS's documentation on routing, health and failover, each as a case with its page.
//!
//! `statements.txt` holds them; whoever models the DNS includes this module and answers them. A case
//! begins with `--- id: what AWS says ---` and has lines of these forms:
//!
//! ```text
//! page https://docs.aws.amazon.com/…
//! api [AAAA] = primary p checked a / secondary alias pool evaluated   the records of a name
//! check a = inverted                     also `disabled`, `2 of b c`, `tcp`, `every 10s`, `threshold 2`, `text ok`, `name own`
//! failed a web                           whose probes fail, which balancers are lost
//! answers api: s                         what clients may be told, by the letters above
//! lost p: 2 × (10s + 6s) + 10s + 15s     the bound of a loss
//! refused T0504                          that the program can't be
//! beyond …                               why the model does not hold the statement
//! ```
//!
//! A target is a letter or word for an address of its own, `alias NAME`, `cname NAME` or `balancer NAME`.
//! Before it stands the policy: `primary`, `secondary`, `weight 10`, `region us-east-1`, `geo JP` (`geo US-WA`,
//! `geo continent AS`, `geo *`), `multi`, or nothing; after it `checked CHECK`, `evaluated`, `ttl 15s`.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A statement.
pub(crate) struct Statement {
    pub(crate) id: String,
    /// The documentation that says it.
    pub(crate) page: String,
    /// The program.
    pub(crate) program: String,
    /// Checks whose probes fail and balancers that are lost, by the names of their resources.
    pub(crate) failed: Vec<String>,
    /// What is expected.
    pub(crate) expected: Vec<Expected>,
    /// The letter of each record's target, by the name of the record's resource.
    pub(crate) letters: BTreeMap<String, String>,
}

/// What a statement expects.
pub(crate) enum Expected {
    /// What clients of a name may be told, sorted.
    Answers { name: String, letters: Vec<String> },
    /// The bound of the loss of a letter's place, for the objective `api`.
    Lost { letter: String, arithmetic: String },
    /// The code of a finding.
    Refused(String),
    /// Nothing: why the model does not hold it.
    Beyond(String),
}

/// Every statement there is.
pub(crate) fn all() -> Vec<Statement> {
    let text = include_str!("statements.txt");
    let mut all = Vec::new();
    for part in text.split("\n--- ").skip(1) {
        let (title, body) = part.split_once(" ---\n").expect("a title ends in ---");
        let (id, _) = title.split_once(": ").expect("a title is an id and what AWS says");
        all.push(statement(id, body));
    }
    all
}

fn statement(id: &str, body: &str) -> Statement {
    let mut draft = Draft::default();
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        draft.line(id, line);
    }
    let Draft { page, failed, expected, letters, .. } = &draft;
    assert!(page.starts_with("https://"), "{id} has no page");
    assert!(!expected.is_empty(), "{id} expects nothing");
    Statement {
        id: id.to_owned(),
        page: page.clone(),
        failed: failed.clone(),
        letters: letters.clone(),
        program: draft.program(),
        expected: draft.expected,
    }
}

#[derive(Default)]
struct Draft {
    page: String,
    records: String,
    checks: BTreeMap<String, String>,
    balancers: Vec<String>,
    failed: Vec<String>,
    expected: Vec<Expected>,
    letters: BTreeMap<String, String>,
    addresses: Vec<String>,
}

impl Draft {
    fn line(&mut self, id: &str, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["page", page] => self.page = (*page).to_owned(),
            ["check", name, "=", how @ ..] => {
                self.checks.insert((*name).to_owned(), how.join(" "));
            }
            ["failed", all @ ..] => self.failed = all.iter().map(|name| (*name).to_owned()).collect(),
            ["answers", name, letters @ ..] => {
                let mut letters: Vec<String> = letters.iter().map(|l| (*l).to_owned()).collect();
                letters.sort();
                self.expected.push(Expected::Answers { name: name.trim_end_matches(':').to_owned(), letters });
            }
            ["lost", letter, sum @ ..] => self
                .expected
                .push(Expected::Lost { letter: letter.trim_end_matches(':').to_owned(), arithmetic: sum.join(" ") }),
            ["refused", code] => self.expected.push(Expected::Refused((*code).to_owned())),
            ["beyond", why @ ..] => self.expected.push(Expected::Beyond(why.join(" "))),
            [name, "=", rest @ ..] => self.group(id, name, None, &rest.join(" ")),
            [name, ty, "=", rest @ ..] => self.group(id, name, Some(ty), &rest.join(" ")),
            _ => panic!("{id}: what is this? {line}"),
        }
    }

    fn group(&mut self, id: &str, name: &str, ty: Option<&str>, alternatives: &str) {
        for alternative in alternatives.split(" / ") {
            self.record(id, name, ty, alternative);
        }
    }

    fn record(&mut self, id: &str, name: &str, ty: Option<&str>, alternative: &str) {
        let mut words = alternative.split_whitespace().peekable();
        let mut next = || words.next().unwrap_or_default().to_owned();
        let resource = format!("r{}", self.letters.len());
        let mut fields = String::new();
        let (mut letter, mut values, mut ttl) = (String::new(), Vec::new(), "15s".to_owned());
        let (mut kind, mut evaluated, mut policy) = (ty.unwrap_or("A").to_owned(), false, false);
        let mut alias = None;
        loop {
            let word = next();
            match word.as_str() {
                "" => break,
                "primary" | "secondary" => {
                    policy = true;
                    let _ = writeln!(fields, "    failover = \"{}\"", word.to_uppercase());
                }
                "weight" | "region" => {
                    policy = true;
                    let _ = writeln!(fields, "    {word} = {}", next());
                }
                "multi" => {
                    policy = true;
                    fields.push_str("    multi_value_answer = true\n");
                }
                "geo" => {
                    policy = true;
                    let _ = writeln!(fields, "    geo_location = {{ {} }}", place(&next(), &mut next));
                }
                "alias" => {
                    letter = next();
                    alias = Some((format!("\"{}\"", full(&letter)), "zone.id".to_owned()));
                }
                "balancer" => {
                    letter = next();
                    if !self.balancers.contains(&letter) {
                        self.balancers.push(letter.clone());
                    }
                    alias = Some((format!("{letter}.dns_name"), format!("{letter}.canonical_hosted_zone_id")));
                }
                "cname" => {
                    letter = next();
                    kind = "CNAME".to_owned();
                    values.push(full(&letter));
                }
                "checked" => {
                    let check = next();
                    self.checks.entry(check.clone()).or_default();
                    let _ = writeln!(fields, "    health_check = {check}");
                }
                "evaluated" => evaluated = true,
                "ttl" => ttl = next(),
                address => {
                    letter = address.to_owned();
                    values.push(self.address(address, &kind));
                }
            }
        }
        match alias {
            Some((target, zone)) => {
                let _ = writeln!(
                    fields,
                    "    alias_target = {{ dns_name = {target}, hosted_zone_id = {zone}, evaluate_target_health = {evaluated} }}"
                );
            }
            None => {
                let _ = writeln!(fields, "    ttl = {ttl}\n    resource_records = {values:?}");
            }
        }
        if policy {
            let _ = writeln!(fields, "    set_identifier = \"{resource}\"");
        }
        assert!(!letter.is_empty(), "{id}: {alternative} has no target");
        let name = full(name);
        let _ = writeln!(
            self.records,
            "  resource {resource}: route53.RecordSet {{\n    hosted_zone = zone\n    name = \"{name}\"\n    type = \"{kind}\"\n{fields}  }}"
        );
        self.letters.insert(resource, letter);
    }

    /// A letter's own address.
    fn address(&mut self, letter: &str, kind: &str) -> String {
        let at = self.addresses.iter().position(|known| known == letter).unwrap_or_else(|| {
            self.addresses.push(letter.to_owned());
            self.addresses.len() - 1
        });
        if kind == "AAAA" { format!("2001:db8::{:x}", at + 1) } else { format!("203.0.113.{}", at + 1) }
    }

    fn program(&self) -> String {
        let mut out =
            "use aws.cloudwatch\nuse aws.ec2\nuse aws.elbv2\nuse aws.route53\nproject statements\ntopology main {\n"
                .to_owned();
        out.push_str("  resource zone: route53.HostedZone { name = \"example.com\" }\n");
        for balancer in &self.balancers {
            let _ = writeln!(out, "{}", BALANCER.replace("NAME", balancer));
        }
        let addresses: Vec<&String> = self.letters.values().collect();
        for (name, how) in &self.checks {
            // A check called as a letter probes that letter's address, another one its own.
            let own = self.addresses.iter().position(|letter| letter == name).filter(|_| addresses.contains(&name));
            let at = own.unwrap_or_else(|| 100 + self.checks.keys().take_while(|other| *other != name).count());
            let _ = writeln!(
                out,
                "  resource {}: route53.HealthCheck {{\n    health_check_config = {{ {} }}\n  }}",
                check_name(name),
                probe(how, at)
            );
        }
        out.push_str(&self.records.replace("health_check = ", "health_check = check_"));
        if self.expected.iter().any(|e| matches!(e, Expected::Lost { .. })) {
            out.push_str("  objective api { endpoint = \"api.example.com\", survives = \"region\" }\n");
        }
        out.push_str("}\n");
        out
    }
}

/// What a check's resource is called.
pub(crate) fn check_name(name: &str) -> String {
    format!("check_{name}")
}

fn full(name: &str) -> String {
    if name == "@" { "example.com".to_owned() } else { format!("{name}.example.com") }
}

fn place(code: &str, next: &mut dyn FnMut() -> String) -> String {
    match (code, code.split_once('-')) {
        ("continent", _) => format!("continent_code = \"{}\"", next()),
        (_, Some((country, part))) => format!("country_code = \"{country}\", subdivision_code = \"{part}\""),
        _ => format!("country_code = \"{code}\""),
    }
}

fn probe(how: &str, at: usize) -> String {
    let words: Vec<&str> = how.split_whitespace().collect();
    let mut out = String::new();
    for flag in ["inverted", "disabled"] {
        if words.contains(&flag) {
            let _ = write!(out, ", {flag} = true");
        }
    }
    if let Some(of) = words.iter().position(|word| *word == "of") {
        let children: Vec<String> = words[of + 1..]
            .iter()
            .take_while(|word| !["inverted", "disabled"].contains(*word))
            .map(|name| check_name(name))
            .collect();
        let (threshold, children) = (words[of - 1], children.join(", "));
        return format!(
            "type = \"CALCULATED\", child_health_checks = [{children}], health_threshold = {threshold}{out}"
        );
    }
    let after = |word: &str| words.iter().position(|w| *w == word).and_then(|at| words.get(at + 1));
    for (word, field) in [("every", "request_interval"), ("threshold", "failure_threshold")] {
        if let Some(value) = after(word) {
            let _ = write!(out, ", {field} = {value}");
        }
    }
    let target = match after("name") {
        Some(name) => format!("fully_qualified_domain_name = \"{}\"", full(name)),
        None => format!("ip_address = 203.0.113.{}", at + 1),
    };
    let kind = match after("text") {
        Some(text) => format!("type = \"HTTPS_STR_MATCH\", resource_path = \"/\", search_string = \"{text}\""),
        None if words.contains(&"tcp") => "type = \"TCP\", port = 443".to_owned(),
        None => "type = \"HTTPS\", resource_path = \"/\"".to_owned(),
    };
    format!("{kind}, {target}{out}")
}

const BALANCER: &str = "  resource NAME_vpc: ec2.Vpc at us-east-1 { cidr_block = 10.0.0.0/16 }
  resource NAME_a: ec2.Subnet at us-east-1 { vpc = NAME_vpc, cidr_block = 10.0.0.0/24, availability_zone = us-east-1a }
  resource NAME_b: ec2.Subnet at us-east-1 { vpc = NAME_vpc, cidr_block = 10.0.1.0/24, availability_zone = us-east-1b }
  resource NAME: elbv2.LoadBalancer at us-east-1 { name = \"NAME\", type = \"application\", subnets = [NAME_a, NAME_b] }";
